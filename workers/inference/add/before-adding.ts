// What was there before a model was added: the rest is its own, and may be taken away again.

import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import type { NumberFormat } from '../choose-format.ts';
import { convertedPath } from '../convert/ensure-converted.ts';
import { blobExists, removeBlob } from '../store/blobs.ts';
import { choicePath } from '../store/choices.ts';
import type { ModelStore } from '../store/model-store.ts';
import type { AddPlan } from './plan.ts';

export interface BeforeAdding {
  /** Removes converted folders of other formats than the one that is taken, if they were not there. */
  removeOtherFolders(taken: NumberFormat): Promise<void>;
  /** Removes all that was not there: fetched files, converted folders, and what was recorded of a measurement. */
  restore(): Promise<void>;
}

export async function lookBeforehand(
  store: ModelStore,
  { entry, digest, format, bytesByFormat }: AddPlan,
): Promise<BeforeAdding> {
  const there = await Promise.all(entry.files.map((file) => blobExists(store.root, file)));
  const formats = new Set([format, ...bytesByFormat.keys()]);
  const folders = new Map([...formats].map((each) => [each, convertedPath(store, entry.name, each)]));
  const fresh = new Map([...folders].filter(([, path]) => !existsSync(path)));
  const record = choicePath(store.root, digest);
  const wasRecorded = existsSync(record);
  const removeOtherFolders = async (taken?: NumberFormat) => {
    for (const [each, path] of fresh) if (each !== taken) await rm(path, { recursive: true, force: true });
  };
  return {
    removeOtherFolders,
    async restore() {
      for (const [i, file] of entry.files.entries()) if (!there[i]) await removeBlob(store.root, file);
      await removeOtherFolders();
      // Where there are folders of other formats, or none was made, it is as it was.
      await rmdir(store.convertedRoot(entry.name)).catch(() => {});
      if (!wasRecorded) await rm(record, { force: true });
    },
  };
}
