// Random passwords of an embedded server, kept beside its data so that a second start prints the same addresses.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SteadyTextError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import { writeAnew } from './write-anew.ts';

export interface Secrets {
  readonly passwords: Readonly<Record<'postgres' | 'admin' | 'app' | 'worker', string>>;
  /** The port of the last start, taken again when it is free. */
  readonly port?: number;
}

/** Makes them for a new database. Those of one that is there cannot be found out again. */
export function readSecrets(folder: DataFolder): Secrets {
  const file = fileOf(folder);
  if (existsSync(file)) return secretsIn(file) ?? lost(folder, 'cannot be read as JSON with them');
  if (existsSync(folder.cluster)) return lost(folder, 'is not there');
  const word = () => randomBytes(18).toString('base64url');
  const made = { passwords: { postgres: word(), admin: word(), app: word(), worker: word() } };
  writeSecrets(folder, made);
  return made;
}

/** Undefined when it is no file of ours. */
export function secretsIn(file: string): Secrets | undefined {
  if (!statSync(file).isFile()) return undefined;
  const text = readFileSync(file, 'utf8');
  try {
    const secrets = JSON.parse(text) as Secrets;
    const { postgres, admin, app, worker } = secrets.passwords;
    return [postgres, admin, app, worker].every((word) => typeof word === 'string') ? secrets : undefined;
  } catch {
    return undefined;
  }
}

function lost(folder: DataFolder, what: string): never {
  const parts = [folder.cluster, fileOf(folder)].filter((part) => existsSync(part)).join(' and ');
  throw new SteadyTextError(
    'EmbeddedServerFailed',
    `${fileOf(folder)} should hold the passwords of the database beside it, but ${what}`,
    {
      hint: `Put it back from a copy. Without one the database cannot be opened: remove ${parts} to begin anew, or give another folder with --data.`,
    },
  );
}

export function writeSecrets(folder: DataFolder, secrets: Secrets): void {
  const unfinished = `${fileOf(folder)}.new`;
  writeAnew(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, fileOf(folder));
}

function fileOf(folder: DataFolder): string {
  return join(folder.root, 'secrets.json');
}
