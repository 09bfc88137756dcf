// PostgreSQL refuses to run as root. Which system account runs the embedded server then, and what that account can reach.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import type { Installation } from './binaries.ts';
import { makePassable, makeReadable } from './modes.ts';

export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Root's own place for what the server's account must reach: copies of binaries, data that cannot lie in root's home. */
export const ROOT_STATE_FOLDER = '/var/lib/steadytext';

/** Undefined: the server runs as whoever runs us. initdb asks for a name, so a bare number will not do. */
export function serverAccount(candidates: readonly string[] = ['postgres', 'nobody']): SystemAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of candidates) {
    const account = lookUp(name);
    if (account) return account;
  }
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `PostgreSQL does not run as root, and this system has none of the accounts ${candidates.join(', ')} to run it as`,
    { hint: 'Make one with "useradd --system postgres", or run this command as an ordinary user.' },
  );
}

function lookUp(name: string): SystemAccount | undefined {
  // Where PATH has an empty part, it is not root's current directory, which others may write to.
  const ask = (flag: string) =>
    Number(execFileSync('id', [flag, name], { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { name, uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

/** The first folder on the way to a path that the account may not enter; undefined when the whole way is open. */
export function closedFolder(path: string, account: SystemAccount | undefined): string | undefined {
  if (!account) return undefined;
  const way: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return way.find((folder) => existsSync(folder) && !mayEnter(folder, account));
}

function mayEnter(folder: string, account: SystemAccount): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** The installation itself, or, where its folder is closed to the account, a copy made once that is not. */
export function reachableInstallation(
  installation: Installation,
  account: SystemAccount | undefined,
  stateFolder: string = ROOT_STATE_FOLDER,
): Installation {
  if (!closedFolder(installation.folder, account)) return installation;
  const copies = join(stateFolder, 'postgres-binaries');
  const folder = join(copies, installation.release);
  try {
    makePassable(copies);
    // Programs that root starts come only from a folder that nobody else could have written.
    for (const owned of [stateFolder, copies]) assertRootOwned(owned);
    openStateFolder(copies, account, stateFolder);
    if (!existsSync(folder)) copyWhole(installation.folder, folder);
    assertRootOwned(folder);
    // Modes that a copy was left with, if a stricter umask cut them, would close it for good.
    if (closedFolder(join(folder, 'bin', 'postgres'), account)) makeReadable(folder);
  } catch (cause) {
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      `The account ${account!.name} cannot enter ${closedFolder(installation.folder, account)}, where PostgreSQL's programs are, and copying them to ${copies} failed`,
      {
        hint: `Make ${stateFolder} writable for root, or move the project to a folder that everybody may enter.`,
        cause,
      },
    );
  }
  return { ...installation, folder };
}

/** Folders of root's own below the state folder, the last one `path`, are there for the account to pass: closed ones are opened. */
export function openStateFolder(
  path: string,
  account: SystemAccount | undefined,
  stateFolder: string = ROOT_STATE_FOLDER,
): void {
  if (!account || !`${path}/`.startsWith(`${stateFolder}/`)) return;
  openStateFolder(dirname(path), account, stateFolder);
  if (lstatSync(path).isDirectory() && statSync(path).uid === 0 && !mayEnter(path, account)) chmodSync(path, 0o755);
}

function copyWhole(from: string, to: string): void {
  const unfinished = mkdtempSync(`${to}.`);
  try {
    cpSync(from, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    makeReadable(join(unfinished, 'native'));
    renameSync(join(unfinished, 'native'), to);
  } catch (error) {
    // Somebody else finished the same copy first: theirs is as good.
    if (!existsSync(to)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function assertRootOwned(path: string): void {
  const { uid, mode } = lstatSync(path);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${path} is not owned by root alone`);
}

export function giveTo(account: SystemAccount | undefined, path: string): void {
  if (account) lchownSync(path, account.uid, account.gid);
}
