// Folders for work in progress, under the store's own root so that a finished file is renamed and never copied. One that
// its maker no longer needs (ended, killed, machine restarted) is swept by whoever works here next.

import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { cacheFolderError } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

// The processes of another host or container that shares the cache cannot be seen from here; what they write can. A pull
// gives up on its own after minutes of silence, so an hour without a change means that nobody is there.
const ABANDONED_MS = 60 * 60 * 1000;

/**
 * Where a process id means one process: the host, its boot and its pid namespace. Two containers may have one name and both
 * run process 1. Elsewhere than on Linux the host's name has to do.
 */
const place = [hostname(), onLinux(() => readlinkSync('/proc/self/ns/pid')), onLinux(bootId)]
  .map((part) => part.replace(/[^A-Za-z0-9-]/g, ''))
  .filter(Boolean)
  .join('-');
const started = Math.round(performance.timeOrigin);

/** Makes a temporary folder named after this process: <place>_<pid>_<start of the process, ms>_<random>. */
export async function makeTempFolder(root: string): Promise<string> {
  const path = join(root, 'tmp', [place, process.pid, started, randomBytes(6).toString('hex')].join('_'));
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
  const [madeIn, pid, madeBy] = name.split('_');
  if (madeIn === place && Number(pid) === process.pid) return Number(madeBy) !== started;
  if (madeIn === place && !isRunning(Number(pid))) return true;
  return Date.now() - (await lastChange(path)) > ABANDONED_MS;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
}

function onLinux(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isUnreaped(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * It has ended, and nobody has asked how: a converter that was killed with its parent is left to process 1, which in a container
 * takes its time, ten seconds and more, or never asks. It takes signals all the while.
 */
function isUnreaped(pid: number): boolean {
  // The state follows the command in parentheses, which may hold any character.
  const stat = onLinux(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
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
