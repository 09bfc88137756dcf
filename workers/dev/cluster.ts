// Makes a new database cluster with initdb: complete, or not there at all.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SteadyTextError } from '../errors.ts';
import type { Installation } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { giveTo, type SystemAccount } from './system-account.ts';
import { writeAnew } from './write-anew.ts';

/** Programs of the server get no variable of ours: PGDATA, PGPORT or a locale of the user's would change what they do. */
export const SERVER_ENVIRONMENT = Object.freeze({ PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' });

export async function makeCluster(
  installation: Installation,
  folder: DataFolder,
  account: SystemAccount | undefined,
  password: string,
): Promise<void> {
  if (existsSync(folder.cluster)) return;
  const unfinished = mkdtempSync(`${folder.cluster}.`);
  const passwordFile = join(folder.root, 'initdb-password');
  try {
    giveTo(account, unfinished);
    writeAnew(passwordFile, password, { mode: 0o600 });
    giveTo(account, passwordFile);
    const words = ['--pgdata', unfinished, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    // Locale C sorts the same on every system. --no-sync: nothing of value is in a new cluster, and the server checkpoints.
    await promisify(execFile)(
      join(installation.folder, 'bin', 'initdb'),
      [...words, '--encoding=UTF8', '--locale=C', '--no-sync'],
      {
        cwd: folder.root,
        env: SERVER_ENVIRONMENT,
        ...(account && { uid: account.uid, gid: account.gid }),
      },
    );
    renameSync(unfinished, folder.cluster);
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      `initdb should have made a database cluster in ${folder.root}, but failed: ${stderr?.trim() || message}`,
      {
        hint: hintFor(cause, join(installation.folder, 'bin')),
        cause,
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function hintFor(cause: unknown, programs: string): string {
  if (forbidden(cause))
    return 'This environment does not let root start programs as another account: run the command as an ordinary user.';
  // initdb calls the server through a shell, and does not find it where the shell reads its path in another way.
  if (/["$`\\\n]/.test(programs))
    return `PostgreSQL's programs cannot be in a folder with ", $, \` or \\ in its path: move ${programs} elsewhere.`;
  return 'Check that the disk is not full, or give another folder with --data.';
}

function forbidden(error: unknown): boolean {
  // EINVAL: of a user namespace that does not have the account.
  return ['EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');
}
