// A folder with all that is missing above it. Node's own recursive mkdir asks for ever where nothing can be made, as in /proc.

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A folder that is there already is as good. Throws the system's own error: ENOENT where it lets nobody make one. */
export async function makeFolder(path: string): Promise<void> {
  if (await made(path, 'ENOENT')) return;
  const parent = dirname(path);
  if (!(await isFolder(parent))) await makeFolder(parent);
  await made(path);
}

/** False when it failed with the code that was to be expected. */
async function made(path: string, expected?: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === expected) return false;
    if (code === 'EEXIST' && (await isFolder(path))) return true;
    throw error;
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
