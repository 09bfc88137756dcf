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
