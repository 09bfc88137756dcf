// Files of the server's account, read as root: links are not followed, and pipes not waited for.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const ENOUGH = 4096;

/** Its start; undefined when no file is there. */
export function readAccountFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const bytes = Buffer.alloc(ENOUGH);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, ENOUGH, 0));
  } finally {
    closeSync(file);
  }
}
