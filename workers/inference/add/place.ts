// The contract of a place that a model is added from: what lies there, and how it is read. Nothing of it is trusted.

import type { Readable } from 'node:stream';
import { SteadyTextError } from '../../errors.ts';
import type { ManifestEntry } from '../store/manifest.ts';
import type { ModelSource } from '../store/source.ts';

export interface PlaceFile {
  /** Relative to the folder that holds the model, with "/" between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** Where the place tells it; else the file is read for it. */
  readonly sha256?: string | undefined;
}

export interface ModelPlace {
  /** For the user: where the model is. */
  readonly label: string;
  /** What the model is called there. */
  readonly name: string;
  readonly licence: string | undefined;
  /** The page of those who offer it. */
  readonly origin: string | undefined;
  readonly files: readonly PlaceFile[];
  /** The one file that was asked for by its own path; undefined where a whole folder was. */
  readonly asked: string | undefined;
  /** What a manifest says of it, for machines that have to fetch it later. */
  readonly sources: ManifestEntry['sources'];
  /** Gives the store what lies here; left out where the store has a source of its own for it. */
  readonly source?: ModelSource;
  /** Where a file lies on this machine, of a place that is a folder. */
  readonly at?: (path: string) => string;
  /** The bytes of a file from the first on. */
  open(path: string): Promise<Readable>;
}

/** Files of an inner path: `asked` where it is a file, whose model lies in the nearest folder above it that has a config.json. */
export function within(all: readonly PlaceFile[], inner: string, label: string) {
  if (inner === '') return { folder: '', asked: undefined, files: all };
  const isFile = all.some(({ path }) => path === inner);
  const folder = isFile ? modelFolderOf(all, inner) : inner;
  const prefix = folder === '' ? '' : `${folder}/`;
  const files = all
    .filter(({ path }) => path.startsWith(prefix))
    .map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
  if (files.length === 0) {
    const names = all.map(({ path }) => path);
    const some = names.length > 12 ? [...names.slice(0, 12), `and ${names.length - 12} more`] : names;
    throw new SteadyTextError(
      'ModelUnavailable',
      `${label}: expected a file or folder ${inner}, got ${some.join(', ')}`,
      {
        hint: 'Name one of these after "#".',
      },
    );
  }
  return { folder, asked: isFile ? inner.slice(prefix.length) : undefined, files };
}

function modelFolderOf(all: readonly PlaceFile[], file: string): string {
  const own = file.split('/').slice(0, -1);
  for (let parts = own; ; parts = parts.slice(0, -1)) {
    if (all.some(({ path }) => path === [...parts, 'config.json'].join('/'))) return parts.join('/');
    if (parts.length === 0) return own.join('/');
  }
}

/** A source for one model, out of a place. */
export function sourceOf(label: string, open: ModelPlace['open']): ModelSource {
  return {
    offers: () => true,
    label: () => label,
    async fetch({ entry, wanted, put, progress }) {
      const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
      const task = progress.start(`${entry.name} from ${label}`, total);
      let before = 0;
      try {
        for (const file of wanted) {
          await put(file, await open(file.path), (done) => task.update(before + done));
          before += file.bytes;
        }
      } finally {
        task.end();
      }
    },
  };
}
