// Reads what the repository says the database should be: history in migrations/, the present in sql/.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SteadyTextError } from '../../errors.ts';

/** Functions first, since views, triggers and policies name them; a trigger may be a view's; rights come last. */
export const FOLDER_ORDER = ['private', 'api', 'views', 'triggers', 'policies', 'grants'] as const;
export type SqlFolder = (typeof FOLDER_ORDER)[number];

/** Replacing a function takes no lock that anybody waits for; replacing a trigger, a view or a policy does. */
export const LOCK_FREE_FOLDERS: readonly SqlFolder[] = ['private', 'api'];
export const LOCKING_FOLDERS: readonly SqlFolder[] = ['views', 'triggers', 'policies', 'grants'];

export interface SourceFile {
  /** Below the repository's root, with forward slashes: sql/private/claim_requests.sql. */
  readonly path: string;
  readonly text: string;
  readonly hash: string;
}

export interface Migration extends SourceFile {
  readonly number: number;
}

export interface PresentFile extends SourceFile {
  readonly folder: SqlFolder;
}

export interface Sources {
  /** The version in package.json; 0.0.0 of a folder without one. */
  readonly release: string;
  readonly migrations: readonly Migration[];
  readonly present: readonly PresentFile[];
  /** Below sql/compat/, whose folders are as those of sql/: for databases with the compatibility layer alone. */
  readonly compat: readonly PresentFile[];
}

/** A folder that holds migrations/ and sql/. */
export const REPOSITORY_ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));

export const COMPAT_FOLDER = 'sql/compat/';

export function readSources(root: string = REPOSITORY_ROOT): Sources {
  return {
    release: readRelease(root),
    migrations: readMigrations(root),
    present: readPresent(root, 'sql'),
    compat: existsSync(join(root, COMPAT_FOLDER)) ? readPresent(root, 'sql/compat') : [],
  };
}

function readRelease(root: string): string {
  const path = join(root, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : '0.0.0';
}

function readMigrations(root: string): Migration[] {
  const names = readdirSync(join(root, 'migrations')).filter((name) => name.endsWith('.sql'));
  const migrations = names.sort().map((name) => {
    const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
    if (number === undefined) throw misplaced(`migrations/${name}`, 'be named like 0001_create_queue.sql');
    return { number: Number(number), ...readSource(root, `migrations/${name}`) };
  });
  // One gap or one number twice, and two branches would have a different history.
  migrations.forEach(({ number, path }, index) => {
    if (number !== index + 1) throw misplaced(path, `have the number ${String(index + 1).padStart(4, '0')}`);
  });
  return migrations;
}

function readPresent(root: string, below: 'sql' | 'sql/compat'): PresentFile[] {
  const depth = below.split('/').length;
  const files = readdirSync(join(root, below), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(/[\\/]/).filter(Boolean).join('/'))
    .filter((path) => below !== 'sql' || !path.startsWith(COMPAT_FOLDER))
    .sort();
  const present = files.map((path) => {
    const folder = FOLDER_ORDER.find((known) => path.split('/')[depth] === known);
    if (!folder) throw misplaced(path, `lie in one of ${FOLDER_ORDER.join(', ')}`);
    return { folder, ...readSource(root, path) };
  });
  return present.sort((a, b) => FOLDER_ORDER.indexOf(a.folder) - FOLDER_ORDER.indexOf(b.folder));
}

// At the beginning of a line and closed at once: the BEGIN of a function's body is not. A procedure's body may commit, when it is called.
const TRANSACTION_CONTROL = /^\s*(begin|commit|rollback|abort|start\s+transaction)(\s+(work|transaction))?\s*;/im;
const DOLLAR_QUOTED = /(\$\w*\$)[\s\S]*?\1/g;

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  if (TRANSACTION_CONTROL.test(text.replaceAll(DOLLAR_QUOTED, '')))
    throw misplaced(path, 'leave the transaction to migrate, without BEGIN or COMMIT');
  return { path, text, hash: createHash('sha256').update(text).digest('hex') };
}

function misplaced(path: string, expected: string): SteadyTextError {
  return new SteadyTextError('StatementFailed', `${path} should ${expected}`, {
    hint: `Correct, rename or move ${basename(path)}.`,
  });
}
