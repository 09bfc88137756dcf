// The folder of one embedded server: PostgreSQL's own data beside our log, passwords and the note of who runs it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import { readAccountFile } from './account-file.ts';
import type { ServerVersion } from './binaries.ts';
import { makePassable } from './modes.ts';
import { keepForRoot, refuseOthersCluster } from './root-folder.ts';
import { closedFolder, openStateFolder, ROOT_STATE_FOLDER, type SystemAccount } from './system-account.ts';
import { isNewFolder, markFolder, refuseSomebodys } from './whose-folder.ts';

export interface DataFolder {
  readonly root: string;
  /** PGDATA; it exists only once it is complete. */
  readonly cluster: string;
  readonly log: string;
  readonly temporary: boolean;
}

/** Below the user's cache folder; below root's state folder where the server's account could not enter that. */
export function defaultDataFolder(
  cacheDir: string,
  version: ServerVersion,
  account: SystemAccount | undefined,
): string {
  const parent = closedFolder(cacheDir, account) ? ROOT_STATE_FOLDER : cacheDir;
  return join(parent, 'postgres', String(version));
}

/** A new folder is made and marked as ours, an earlier one of ours found again; that of others is refused untouched. */
export function openDataFolder(
  path: string,
  account: SystemAccount | undefined,
  stateFolder: string = ROOT_STATE_FOLDER,
): DataFolder {
  const root = resolve(path);
  refuseFile(root);
  orNotMade(root, () => {
    // A folder made on the way may be entered by everybody, since the server's account must get through to its own.
    makePassable(dirname(root));
    openStateFolder(dirname(root), account, stateFolder);
    const found = existsSync(root);
    if (!found) mkdirSync(root, { mode: 0o700 });
    const isNew = isNewFolder(root);
    if (found) refuseSomebodys(root, isNew, account);
    keepForRoot(root, account);
  });
  const closed = closedFolder(root, account);
  if (closed && account) {
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      `PostgreSQL does not run as root, and the account ${account.name} that runs it cannot enter ${closed}`,
      {
        hint: `Give a folder with --data that ${account.name} can reach, such as ${ROOT_STATE_FOLDER}/postgres, or run as an ordinary user.`,
      },
    );
  }
  const folder = folderAt(root, false);
  refuseOthersCluster(folder, account);
  orNotMade(root, () => markFolder(root));
  return folder;
}

/** What is named with --data, and all above it as far as it is there. */
function refuseFile(root: string): void {
  let there = root;
  while (!existsSync(there)) there = dirname(there);
  if (statSync(there).isDirectory()) return;
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `The data folder should be a folder, or one that can be made, but ${there} is a file`,
    { hint: 'Give another folder with --data, or use --temp.' },
  );
}

function orNotMade(root: string, make: () => void): void {
  try {
    make();
  } catch (cause) {
    if (cause instanceof SteadyTextError) throw cause;
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      existsSync(root) && ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '')
        ? `The data folder ${root} is there and should be open to this user, but is not: ${(cause as Error).message}`
        : `The data folder ${root} could not be made: ${(cause as Error).message}`,
      {
        hint: 'Give another folder with --data, or use --temp.',
        cause,
      },
    );
  }
}

/** In the first folder for temporary files that the server's account can reach. */
export function makeTemporaryFolder(account: SystemAccount | undefined): DataFolder {
  const parent = [tmpdir(), '/tmp', '/var/tmp'].find((folder) => existsSync(folder) && !closedFolder(folder, account));
  const root = mkdtempSync(join(parent ?? tmpdir(), 'steadytext-postgres-'));
  keepForRoot(root, account);
  return folderAt(root, true);
}

function folderAt(root: string, temporary: boolean): DataFolder {
  return { root, cluster: join(root, 'data'), log: join(root, 'server.log'), temporary };
}

/** Refuses data of another major version, which this server could not read. */
export function assertSameVersion(folder: DataFolder, version: ServerVersion): void {
  const found = readAccountFile(join(folder.cluster, 'PG_VERSION'))?.trim();
  if (found === undefined || found === String(version)) return;
  const told = /^[\d.]{1,8}$/.test(found) ? found : undefined;
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `${folder.root} should hold data of PostgreSQL ${version}, but holds ${told ? `data of PostgreSQL ${told}` : 'other data'}`,
    {
      hint: `${told ? `Use --pg ${told}, or give` : 'Give'} another folder with --data.`,
    },
  );
}

/** The end of the server's log, for an error message. */
export function logTail(folder: DataFolder, lines = 5): string {
  if (!existsSync(folder.log) || statSync(folder.log).size === 0) return '';
  return readFileSync(folder.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
