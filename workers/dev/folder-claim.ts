// One process runs the server of a data folder: who it is stands in a note there, which outlives a kill -9.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import { processIdentity } from './process-identity.ts';

/** Notes that this process runs the folder's server, unless another living process does. */
export function claimFolder(folder: DataFolder): void {
  const note = noteOf(folder);
  const draft = `${note}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${processIdentity(process.pid) ?? ''}`, { mode: 0o600 });
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
  if (!attempt(() => (found = readFileSync(note, 'utf8')), 'ENOENT')) return;
  const [pid = '', identity = ''] = found.split(' ');
  if (identity !== '' && processIdentity(Number(pid)) === identity) throw inUse(folder, pid);
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

function noteOf(folder: DataFolder): string {
  return join(folder.root, 'owner');
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
