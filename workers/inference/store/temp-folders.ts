// Folders for work in progress, under the store's own root so that a finished file is renamed and never copied. One that
// its maker no longer needs (ended, killed, machine restarted) is swept by whoever works here next.

import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { cacheFolderError } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

// Where another host or container shares the cache, its processes cannot be seen from here; what it writes can. A pull
// gives up on its own after minutes of silence, so an hour without a change means that nobody is there.
const ABANDONED_MS = 60 * 60 * 1000;

const host = hostname().replace(/[^A-Za-z0-9-]/g, '-');
const started = Math.round(performance.timeOrigin);

/** Makes a temporary folder named after this process: <host>_<pid>_<start of the process, ms>_<random>. */
export async function makeTempFolder(root: string): Promise<string> {
  const path = join(root, 'tmp', [host, process.pid, started, randomBytes(6).toString('hex')].join('_'));
  try {
    await makeFolder(path);
  } catch (error) {
    throw cacheFolderError(error, root);
  }
  return path;
}

/** Removes the temporary folders whose makers are gone; returns how many there were. */
export async function sweepTempFolders(root: string): Promise<number> {
  const names = await readdir(join(root, 'tmp')).catch(() => []);
  let swept = 0;
  for (const name of names) {
    const path = join(root, 'tmp', name);
    if (!(await isAbandoned(name, path))) continue;
    // Two sweepers may meet, and a read-only cache cannot be swept: neither is a reason to stop.
    await rm(path, { recursive: true, force: true }).then(
      () => swept++,
      () => {},
    );
  }
  return swept;
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [madeOn, pid, madeBy] = name.split('_');
  if (madeOn === host && Number(pid) === process.pid) return Number(madeBy) !== started;
  if (madeOn === host && !isRunning(Number(pid))) return true;
  return Date.now() - (await lastChange(path)) > ABANDONED_MS;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The newest change in a folder, in ms; now, if it went away while we looked. */
async function lastChange(path: string): Promise<number> {
  try {
    const entries = await readdir(path, { recursive: true });
    const times = await Promise.all(
      [path, ...entries.map((entry) => join(path, entry))].map(async (at) => (await stat(at)).mtimeMs),
    );
    return Math.max(...times);
  } catch {
    return Date.now();
  }
}
