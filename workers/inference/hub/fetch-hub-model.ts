// Fetches the files of one commit of a repository into a folder: complete, or not there at all.

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSteadyTextError, SteadyTextError } from '../../errors.ts';
import { hubPlace } from '../add/hub-place.ts';
import type { ModelPlace, PlaceFile } from '../add/place.ts';
import { cacheFolderError, diskFull, isDiskFull } from '../store/disk-errors.ts';
import type { Patience } from '../store/https-get.ts';
import { makeFolder } from '../store/make-folder.ts';
import type { Progress } from '../store/progress.ts';
import { makeTempFolder, sweepTempFolders } from '../store/temp-folders.ts';
import { chooseHubFiles, type HubDtype } from './hub-files.ts';
import { type HubManifest, writeHubManifest } from './hub-manifest.ts';

export interface FetchOptions {
  /** Folder for all models of the hub. */
  readonly root: string;
  readonly endpoint: string;
  readonly patience: Patience;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface WantedFiles {
  readonly name: string;
  readonly repo: string;
  readonly revision: string;
  readonly dtype: HubDtype;
}

/** Name of the manifest in the folder, which is written last. */
export const MANIFEST_NAME = 'files.json';

/** Throws ModelUnavailable, ModelUnsupported, DiskFull or InvalidConfiguration (a cache that cannot be written). */
export async function fetchHubModel(wanted: WantedFiles, folder: string, options: FetchOptions): Promise<void> {
  const { root, endpoint, patience, signal } = options;
  const { name, repo, revision, dtype } = wanted;
  const place = await hubPlace({ kind: 'hub', repo, revision, inner: '' }, { endpoint, patience, signal });
  const commit = place.sources.huggingface?.revision;
  if (commit !== revision)
    throw unavailable(place, `expected commit ${revision}, the hub answered with ${commit ?? 'none'}`);
  const names = place.files.map(({ path }) => path);
  const paths = chooseHubFiles(names, dtype, place.label);
  const files = place.files.filter(({ path }) => paths.includes(path));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  await sweepTempFolders(root);
  const temporary = await makeTempFolder(root);
  const inside = join(temporary, 'model');
  const task = options.progress.start(`${name} from ${place.label}`, bytes);
  try {
    const manifest: HubManifest = { licence: place.licence ?? '', files: {} };
    let done = 0;
    for (const file of files) {
      manifest.files[file.path] = await fetchFile(place, file, inside, signal, (more) => task.update(done + more));
      done += manifest.files[file.path]!.bytes;
    }
    await writeHubManifest(join(inside, MANIFEST_NAME), manifest);
    await makeFolder(dirname(folder));
    // Another worker that was faster has the same files: they are of one commit.
    await rename(inside, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (isSteadyTextError(error)) throw error;
    if (isDiskFull(error)) throw await diskFull(`Model ${name}`, bytes, root);
    throw isSystemError(error) ? cacheFolderError(error, root) : unavailable(place, (error as Error).message, error);
  } finally {
    task.end();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function fetchFile(
  place: ModelPlace,
  { path, bytes: expected, sha256 }: PlaceFile,
  folder: string,
  signal: AbortSignal | undefined,
  onBytes: (done: number) => void,
): Promise<HubManifest['files'][string]> {
  const at = join(folder, path);
  await makeFolder(dirname(at));
  const hash = createHash('sha256');
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length;
      if (bytes > expected) return next(new Error(`${path}: expected ${expected} bytes, got more`));
      hash.update(chunk);
      onBytes(bytes);
      next(null, chunk);
    },
  });
  const sink = createWriteStream(at, { flush: true });
  await pipeline(await place.open(path), counting, sink, signal === undefined ? {} : { signal });
  const digest = hash.digest('hex');
  if (bytes !== expected) throw new Error(`${path}: expected ${expected} bytes, got ${bytes}`);
  if (sha256 !== undefined && digest !== sha256)
    throw new Error(`${path}: expected sha256 ${sha256}, as the hub tells it, got ${digest}`);
  return { sha256: digest, bytes };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

function unavailable({ label }: ModelPlace, what: string, cause?: unknown): SteadyTextError {
  return new SteadyTextError('ModelUnavailable', `${label}: ${what}`, {
    hint: 'Nothing was kept. Try again, or fetch the repository elsewhere and name its folder as source.',
    ...(cause !== undefined && { cause }),
  });
}
