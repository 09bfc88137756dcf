// Runs SQL files inside the migration's transaction and notes what each made.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import { changedObjects, type Inventory, inventoryQuery, toInventory } from './inventory.ts';
import type { RecordedFile } from './ledger.ts';
import type { LockBudget } from './lock-budget.ts';
import { fillPlaceholders, type Names } from './names.ts';
import type { PresentFile, SourceFile } from './source-files.ts';

export async function takeInventory(client: Client, names: Names): Promise<Inventory> {
  return toInventory((await client.query(inventoryQuery(names))).rows);
}

export async function applyMigrationFile(
  client: Client,
  names: Names,
  file: SourceFile,
  budget: LockBudget,
): Promise<void> {
  await runFile(client, names, file, budget.settingFor());
}

/** Applies the files in order; returns what each made. */
export async function applyPresentFiles(
  client: Client,
  names: Names,
  files: readonly PresentFile[],
  budget: LockBudget,
): Promise<RecordedFile[]> {
  let inventory = await takeInventory(client, names);
  const applied: RecordedFile[] = [];
  for (const file of files) {
    // Replacing a function takes no lock that anybody waits for; triggers, views and policies do.
    const setting = file.folder === 'private' || file.folder === 'api' ? '' : budget.settingFor();
    const after = await runFile(client, names, file, setting, inventoryQuery(names));
    const now = toInventory(after);
    // Rights change a function's row in the catalog too, but do not make the function.
    const objects = file.folder === 'grants' ? [] : changedObjects(inventory, now);
    applied.push({ path: file.path, hash: file.hash, objects });
    inventory = now;
  }
  return applied;
}

/** The setting, the file and a query after it travel as one message; returns the query's rows. */
async function runFile(
  client: Client,
  names: Names,
  file: SourceFile,
  setting: string,
  query = 'select 1',
): Promise<unknown[]> {
  const body = fillPlaceholders(file.text, names, file.path);
  try {
    const results = (await client.query(`${setting}${body}\n;${query}`)) as unknown as { rows: unknown[] }[];
    return results.at(-1)!.rows;
  } catch (error) {
    throw isLockFailure(error)
      ? error
      : fileFailure(file, body, setting.length, error as Error & { code?: string; position?: string });
  }
}

/** Lock not available, deadlock, serialization: worth another try. */
export function isLockFailure(error: unknown): boolean {
  return ['55P03', '40P01', '40001'].includes((error as { code?: string }).code ?? '');
}

function fileFailure(
  file: SourceFile,
  body: string,
  offset: number,
  cause: Error & { code?: string; position?: string },
): Error {
  // Without an SQLSTATE it is the connection that failed, not the file.
  if (!cause.code || !/^[0-9A-Z]{5}$/.test(cause.code)) return cause;
  const line = cause.position
    ? body.slice(0, Math.max(0, Number(cause.position) - 1 - offset)).split('\n').length
    : undefined;
  const place = line === undefined ? file.path : `${file.path}:${line}`;
  return new SteadyTextError('StatementFailed', `${place} should apply, but the server answered: ${cause.message}`, {
    hint: 'Nothing was changed. Correct the file, or the object in the database that it meets.',
    cause,
  });
}
