// Content-addressed files: blobs/sha256-<hex>, each complete and right or absent. A blob is written under another name,
// hashed on the way, flushed, and renamed; two writers of one blob rename equal bytes over each other.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheFolderError, cacheReadError, isMissing } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

export interface BlobKey {
  readonly sha256: string;
  readonly bytes: number;
}

/** What stands in place of a file, as where a container mounts one that is not there. */
export const A_FOLDER = 'a folder';

/** `found`: the sha256 of what is there, or A_FOLDER. */
export type BlobState = { readonly state: 'good' | 'absent' } | { readonly state: 'damaged'; readonly found: string };

/** Bytes that are not the file they should be; the message says what was expected and what came. */
export class RefusedFile extends Error {}

export function blobFolder(root: string): string {
  return join(root, 'blobs');
}

export function blobPath(root: string, key: Pick<BlobKey, 'sha256'>): string {
  return join(blobFolder(root), `sha256-${key.sha256}`);
}

/** Writes a stream as the blob of this digest, or throws and leaves nothing. */
export async function writeBlob(
  root: string,
  key: BlobKey,
  from: Readable,
  options: { tempFolder: string; onBytes?: (done: number) => void; signal?: AbortSignal },
): Promise<void> {
  const temporary = join(options.tempFolder, key.sha256);
  const hash = createHash('sha256');
  try {
    // flush: fsync before the close, so that the rename below never names bytes that a power cut can take away.
    const sink = createWriteStream(temporary, { flush: true });
    const check = hashing(hash, key.bytes, options.onBytes);
    await pipeline(from, check, sink, options.signal === undefined ? {} : { signal: options.signal });
    const found = hash.digest('hex');
    const { size } = await stat(temporary);
    if (size < key.bytes) throw new RefusedFile(`expected ${key.bytes} bytes, got ${size}; refused, nothing was kept`);
    if (found !== key.sha256)
      throw new RefusedFile(`expected sha256 ${key.sha256}, got ${found}; refused, nothing was kept`);
    await publish(root, key, temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function publish(root: string, key: BlobKey, temporary: string): Promise<void> {
  try {
    await makeFolder(blobFolder(root));
    await chmod(temporary, 0o444);
    await rename(temporary, blobPath(root, key)).catch((error) =>
      inPlaceOfFolder(error, temporary, blobPath(root, key)),
    );
    const folder = await open(blobFolder(root), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    throw cacheFolderError(error, root);
  }
  await recordCheck(root, key, await stampOf(blobPath(root, key)));
}

async function inPlaceOfFolder(error: NodeJS.ErrnoException, temporary: string, path: string): Promise<void> {
  if (error.code !== 'EISDIR') throw error;
  // Into the temporary folder, whose maker removes it.
  await rename(path, join(dirname(temporary), 'folder'));
  await rename(temporary, path);
}

/** Passes bytes through, hashing and counting them; stops a stream that is longer than it may be. */
function hashing(hash: Hash, limit: number, onBytes?: (done: number) => void): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      if (done > limit) return next(new RefusedFile(`expected ${limit} bytes, got more; refused, nothing was kept`));
      hash.update(chunk);
      onBytes?.(done);
      next(null, chunk);
    },
  });
}

/**
 * Says whether a blob is what its name says. A blob whose size and times are those of its last full check is taken as
 * good without reading it (hashing both default models takes 0.2–0.5 s at every start of every engine); `thorough` reads it.
 */
export async function checkBlob(root: string, key: BlobKey, thorough = false): Promise<BlobState> {
  const path = blobPath(root, key);
  const stamp = await stampOf(path);
  if (stamp === undefined) return { state: 'absent' };
  if (!thorough && stamp === (await readFile(stampPath(root, key), 'utf8').catch(() => ''))) return { state: 'good' };
  const found = await hashFile(path).catch((error) => (error.code === 'EISDIR' ? A_FOLDER : unreadable(error, path)));
  if (found !== key.sha256) {
    await rm(stampPath(root, key), { force: true }).catch(() => {});
    return { state: 'damaged', found };
  }
  // The stamp from before the reading: a change made meanwhile has another one, and is read again.
  await recordCheck(root, key, stamp);
  return { state: 'good' };
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // 1 MiB pieces: 64 KiB ones spend as long in the event loop as in the digest.
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

export async function blobExists(root: string, key: BlobKey): Promise<boolean> {
  const path = blobPath(root, key);
  const found = await stat(path).catch((error) => absent(error, path));
  return found?.size === key.bytes;
}

export async function removeBlob(root: string, key: BlobKey): Promise<void> {
  await rm(stampPath(root, key), { force: true });
  await rm(blobPath(root, key), { recursive: true, force: true });
}

function stampPath(root: string, key: BlobKey): string {
  return `${blobPath(root, key)}.checked`;
}

/** Size, time of the last write and time of the last change (which no program can set back), in one line. */
async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch((error) => absent(error, path));
  return found && `${found.size} ${found.mtimeNs} ${found.ctimeNs}\n`;
}

/** A cache that this user may not enter is not an empty one. */
async function absent(error: unknown, path: string): Promise<undefined> {
  if (!isMissing(error)) await unreadable(error, path);
}

async function unreadable(error: unknown, path: string): Promise<never> {
  throw await cacheReadError(error, path);
}

/** Only saves time: where it cannot be written (a cache in a read-only image), blobs are hashed at every start. */
async function recordCheck(root: string, key: BlobKey, stamp: string | undefined): Promise<void> {
  if (stamp !== undefined) await writeFile(stampPath(root, key), stamp).catch(() => {});
}
