// One process runs the server of a data folder: who it is stands in a note there, which outlives a kill -9.
import { linkSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import { processIdentity } from './process-identity.ts';
import { writeAnew } from './write-anew.ts';

/** Notes that this process runs the folder's server, unless another living process does. */
export function claimFolder(folder: DataFolder): void {
  const note = noteOf(folder);
  const draft = `${note}.${process.pid}`;
  // On the disk before it is linked: one that a power cut emptied would be taken for a file of others.
  writeAnew(draft, `${process.pid} ${identityOf(process.pid)}`, { mode: 0o600, flush: true });
  try {
    // A link is made whole or not at all, so nobody ever reads half a note.
    while (!attempt(() => linkSync(draft, note), 'EEXIST')) takeAwayStale(folder, note);
  } finally {
    rmSync(draft, { force: true });
  }
}

export function releaseFolder(folder: DataFolder): void {
  rmSync(folder.temporary ? folder.root : noteOf(folder), { recursive: true, force: true });
}

function takeAwayStale(folder: DataFolder, note: string): void {
  let found = '';
  if (!attempt(() => (found = lstatSync(note).isFile() ? readFileSync(note, 'utf8') : ''), 'ENOENT')) return;
  const [, pid, identity] = found.match(/^(\d+) (\S*)$/) ?? [];
  if (pid === undefined) throw noNote(note);
  if (identity !== '' && identityOf(Number(pid)) === identity) throw inUse(folder, pid);
  // Only one of two can move a note away; when it was the other's new one that was moved, it goes back.
  const moved = `${note}.stale.${process.pid}`;
  if (!attempt(() => renameSync(note, moved), 'ENOENT')) return;
  if (readFileSync(moved, 'utf8') === found) rmSync(moved);
  else renameSync(moved, note);
}

/** False when it failed with the code that was to be expected. */
function attempt(act: () => unknown, expected: string): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false;
    throw error;
  }
}

/** One word, since that is what a note of ours is known by: macOS tells a start time of five. */
function identityOf(pid: number): string {
  return (processIdentity(pid) ?? '').replaceAll(/\s+/g, '_');
}

function noteOf(folder: DataFolder): string {
  return join(folder.root, 'owner');
}

function noNote(note: string): SteadyTextError {
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `${note} should hold the id of a process and when that began, but holds something else`,
    {
      hint: `If no "steadytext dev" runs on that folder, move ${note} elsewhere and try again.`,
    },
  );
}

function inUse(folder: DataFolder, pid: string): SteadyTextError {
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `The data folder ${folder.root} should be free, but process ${pid} runs a server on it`,
    {
      hint: `Use that server, end it with "kill ${pid}", or give another folder with --data.`,
    },
  );
}
