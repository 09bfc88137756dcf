// Random passwords of an embedded server, kept beside its data so that a second start prints the same addresses.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';

export interface Secrets {
  readonly passwords: Readonly<Record<'postgres' | 'admin' | 'app' | 'worker', string>>;
  /** The port of the last start, taken again when it is free. */
  readonly port?: number;
}

export function readSecrets(folder: DataFolder): Secrets {
  const file = fileOf(folder);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const word = () => randomBytes(18).toString('base64url');
  const made = { passwords: { postgres: word(), admin: word(), app: word(), worker: word() } };
  writeSecrets(folder, made);
  return made;
}

export function writeSecrets(folder: DataFolder, secrets: Secrets): void {
  const unfinished = `${fileOf(folder)}.new`;
  writeFileSync(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, fileOf(folder));
}

function fileOf(folder: DataFolder): string {
  return join(folder.root, 'secrets.json');
}
