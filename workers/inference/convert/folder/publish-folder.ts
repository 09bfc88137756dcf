// Gives a finished folder its name, at once and for good: flushed to the disk first, and never over a good one.

import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSteadyTextError } from '../../../errors.ts';
import type { ModelFolder } from '../../model-folder.ts';
import { makeFolder } from '../../store/make-folder.ts';
import { openModelFolder } from './open-model-folder.ts';

/**
 * Moves `finished` to `outDir`. Where another converter was first, its folder is the result and ours stays where it is (a
 * temporary folder, which its maker removes); a damaged one is moved out of the way, into `aside`.
 */
export async function publishFolder(finished: string, outDir: string, aside: string): Promise<ModelFolder> {
  await flush(finished);
  await makeFolder(dirname(outDir));
  if (!(await renamed(finished, outDir)) && !(await isGood(outDir))) {
    await rename(outDir, join(aside, 'damaged')).catch(ignoreMissing);
    // Somebody else may have been as quick: then theirs is the result.
    await renamed(finished, outDir);
  }
  await flush(dirname(outDir));
  return openModelFolder(outDir);
}

/** False when there is a folder of that name already. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

async function isGood(path: string): Promise<boolean> {
  return openModelFolder(path).then(
    () => true,
    (error) => {
      if (isSteadyTextError(error)) return false;
      throw error;
    },
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** fsync of a folder: the names in it survive a power cut. */
async function flush(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
