// As root the data folder is root's own, and only the cluster in it is the server account's. In a folder of its own that account
// could put links in the place of what root writes: root's files would be written over, or get the server's log appended.
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { SteadyTextError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import type { SystemAccount } from './system-account.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** Entered by the account and written by root alone. Earlier releases gave the whole folder to the account: it is taken back. */
export function keepForRoot(root: string, account: SystemAccount | undefined): void {
  if (!account) return;
  const folder = openSync(realpathSync(root), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const { uid } = fstatSync(folder);
    if (uid !== 0 && uid !== account.uid) throw new Error(`it belongs to the user with the id ${uid}`);
    fchownSync(folder, 0, 0);
    // The group's bits also bound what an access list of the account's would allow it.
    fchmodSync(folder, 0o711);
    // Root's from here on, nobody else can move it away, but its owner could until now.
    const [held, named] = [fstatSync(folder), statSync(root)];
    if (held.ino !== named.ino || held.dev !== named.dev) throw new Error('another one came into its place');
  } finally {
    closeSync(folder);
  }
}

/** Root removes a stale pid file from the cluster, which may be reached through a link: only where the account could do so itself. */
export function refuseOthersCluster({ cluster }: DataFolder, account: SystemAccount | undefined): void {
  const stat = account && statSync(cluster, { throwIfNoEntry: false });
  if (!account || !stat || (stat.isDirectory() && stat.uid === account.uid)) return;
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `${cluster} should be a folder of ${account.name}, who runs the server, but is ${stat.isDirectory() ? 'one' : 'a file'} of the user with the id ${stat.uid}`,
    { hint: `If that is your database: chown -hR ${account.name} ${cluster}. Or give another folder with --data.` },
  );
}

/** For appending. As root no link is followed that was left when the folder was still the account's. */
export function openLog({ log }: DataFolder, account: SystemAccount | undefined): number {
  const flags = O_WRONLY | O_APPEND | O_CREAT;
  if (!account) return openSync(log, flags, 0o600);
  const stat = lstatSync(log, { throwIfNoEntry: false });
  if (!stat || (stat.isFile() && stat.nlink === 1)) return openSync(log, flags | O_NOFOLLOW, 0o600);
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `${log} should be a file of its own, but is a link or no file: as root the server's log is not written there`,
    { hint: `Nothing was written. Remove ${log} and start again.` },
  );
}
