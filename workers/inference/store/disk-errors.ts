// What the disk refuses, in the user's words: full, or not for this user to read or write.

import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { exactBytes, formatBytes } from './bytes.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
// ENOENT: what the system says of a folder in one that takes none, such as /proc.
// EBUSY: something is mounted there.
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EBUSY']);

export function isDiskFull(error: unknown): boolean {
  return FULL.has(String((error as NodeJS.ErrnoException | null)?.code));
}

/** A child's own words for the same: pip prints the errno of what it could not write. */
export function saysDiskFull(output: string): boolean {
  return /No space left on device|Disk quota exceeded|File too large|\[Errno (28|122|27)\]/.test(output);
}

/** `more`: what else takes room meanwhile, a sentence with a space after it. */
export async function diskFull(what: string, bytes: number, folder: string, more = ''): Promise<SteadyTextError> {
  const free = await statfs(folder).then(
    (disk) => `, where ${formatBytes(disk.bavail * disk.bsize)} are free now`,
    () => '',
  );
  return new SteadyTextError('DiskFull', `${what} needs ${exactBytes(bytes)} in ${folder}${free}: the disk is full`, {
    hint:
      'Free some space, or set STEADYTEXT_CACHE_DIR to a folder on another disk, and run it again. ' +
      `${more}Nothing half-written was left.`,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there',
  ENOTDIR: 'a file stands where this path has a folder',
  EEXIST: 'a file stands where this path has a folder',
  EISDIR: 'it is a folder',
};

/** Why a path cannot be read or written, without the system's codes where they say little. */
export function diskReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[String(code)] ?? message;
}

/** What to throw for an error met while the cache folder was being made or written to. */
export function cacheFolderError(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!REFUSED.has(String(code))) return error;
  const reason = code === 'ENOENT' ? 'no folder can be made there' : diskReason(error);
  return new SteadyTextError(
    'InvalidConfiguration',
    `Expected a cache folder that this user may write to, but ${folder} cannot be written: ${reason}`,
    {
      hint: 'Set STEADYTEXT_CACHE_DIR to a folder of this user, or give this user the right to write there.',
      cause: error,
    },
  );
}

/** Nothing is there. Any other error says that it cannot be known. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
}

/** This user may not: for another one it may be all right. */
export function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code));
}

/** What to throw for an error met while `path` of the cache was looked at or read. */
export async function cacheReadError(error: unknown, path: string): Promise<unknown> {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const closed = isForbidden(error) ? await closedFolder(path) : undefined;
  const what = closed === undefined ? `${path} cannot be read` : `${closed} may not be entered`;
  return new SteadyTextError(
    'InvalidConfiguration',
    `Expected a model cache that this user may read, but ${what}: ${diskReason(error)}`,
    {
      hint:
        `Let this user ${closed === undefined ? 'read' : 'enter'} it, or set STEADYTEXT_CACHE_DIR to a cache that it may read. ` +
        'Models that are fetched and converted need no right to write.',
      cause: error,
    },
  );
}

/** The uppermost folder above a path that this user may not enter: with that one it has to begin. */
async function closedFolder(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  if (folder === path) return undefined;
  const isOpen = () =>
    access(folder, constants.X_OK).then(
      () => undefined,
      () => folder,
    );
  return (await closedFolder(folder)) ?? (await isOpen());
}
