// Whose a data folder is: what people name with --data may be full of their own files, in which nothing is touched.
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import { secretsIn } from './secrets.ts';
import type { SystemAccount } from './system-account.ts';
import { writeAnew } from './write-anew.ts';

const MARK = 'steadytext-dev';
const MARK_TEXT =
  'The database of "steadytext dev" is in this folder. This file says so: without it the folder is not opened.\n';

/** What a file system or a file browser puts into a folder by itself, and a mark that was never finished. */
const NOBODYS = /^(lost\+found|\.DS_Store|steadytext-dev\.\d+)$/;

/** What a start before there was a mark could leave when it was ended half-way, beside the passwords. */
const LEFT_HALF_WAY =
  /^(secrets\.json(\.new)?|owner(\.stale)?(\.\d+)?|server\.log|initdb-password|data\.[0-9A-Za-z]{6})$/;

const NAMES_TOLD = 3;

/** Whether nothing of anybody is in it; false: it is ours. That of others is refused. */
export function isNewFolder(root: string): boolean {
  const names = readdirSync(root).filter((name) => !NOBODYS.test(name));
  if (names.length === 0) return true;
  if (isMarked(root) || isOfEarlierBuild(root, names)) return false;
  throw ofOthers(root, names);
}

/**
 * As root only. An empty folder too may be the place that somebody goes to: made root's, it would be closed to them. And in one
 * that "steadytext dev" made for another user, that user could leave links for root to follow.
 */
export function refuseSomebodys(root: string, isNew: boolean, account: SystemAccount | undefined): void {
  const { uid } = statSync(root);
  if (!account || uid === 0 || uid === account.uid) return;
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `${root} should belong to root or ${account.name}, who runs the server, but ${isNew ? 'is empty and ' : ''}belongs to the user with the id ${uid}`,
    {
      hint: `Nothing was changed. Give a folder for the database alone with --data; one that is not there is made. ${isNew ? `To give up this one: chown ${account.name} ${root}` : 'Or run the command as that user.'}`,
    },
  );
}

/** To be called before anything else is written into the folder. */
export function markFolder(root: string): void {
  if (isMarked(root)) return;
  // Whole or not there at all, and on the disk before the rest: with half a mark the folder would be one of others.
  const draft = join(root, `${MARK}.${process.pid}`);
  writeAnew(draft, MARK_TEXT, { flush: true });
  renameSync(draft, join(root, MARK));
}

function isMarked(root: string): boolean {
  const mark = join(root, MARK);
  return existsSync(mark) && statSync(mark).isFile() && readFileSync(mark, 'utf8') === MARK_TEXT;
}

function isOfEarlierBuild(root: string, names: readonly string[]): boolean {
  if (!names.includes('secrets.json') || !secretsIn(secretsOf(root))) return false;
  return hasCluster(root) || names.every((name) => LEFT_HALF_WAY.test(name));
}

function hasCluster(root: string): boolean {
  return existsSync(join(root, 'data', 'PG_VERSION'));
}

function secretsOf(root: string): string {
  return join(root, 'secrets.json');
}

function ofOthers(root: string, names: readonly string[]): SteadyTextError {
  const told = names.toSorted().slice(0, NAMES_TOLD).join(', ');
  const more = names.length - NAMES_TOLD;
  const ours = hasCluster(root)
    ? ` If "steadytext dev" made this one, its passwords are missing by which it is known: put ${secretsOf(root)} back from a copy.`
    : '';
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `${root} should be new, empty, or made by "steadytext dev" before, but holds ${told}${more > 0 ? ` and ${more} more` : ''}`,
    {
      hint: `Nothing in it was changed. Give a folder for the database alone with --data; one that is not there is made.${ours}`,
    },
  );
}
