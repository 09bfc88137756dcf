// Modes of what the embedded server's account must reach, whatever the umask is: servers are set up with 027 and 077.
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes the folders on the way that are not there, to be entered by everybody; Node's own recursive mkdir asks for ever where nothing can be made, as in /proc. */
export function makePassable(path: string): void {
  if (existsSync(path)) return;
  makePassable(dirname(path));
  try {
    mkdirSync(path);
    chmodSync(path, 0o755);
  } catch (error) {
    // Another start may have been as quick.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** All below and itself: read by everybody, folders and programs entered and run by everybody, written by nobody else. */
export function makeReadable(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || (stat.mode & 0o111) !== 0 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name));
}
