// Runs SQL files inside the migration's transaction and notes what each made.
import { basename } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { type Client, isStoppedFromOutside } from './connection.ts';
import { changedObjects, type Inventory, type InventoryRow, inventoryQuery, toInventory } from './inventory.ts';
import type { RecordedFile } from './ledger.ts';
import { fillPlaceholders, type Names } from './names.ts';
import { serverAnswer, withServerHint } from './server-answer.ts';
import type { PresentFile, SourceFile } from './source-files.ts';
import { isLockFailure } from './table-locks.ts';

export async function takeInventory(client: Client, names: Names): Promise<Inventory> {
  return toInventory((await client.query(inventoryQuery(names))).rows);
}

export async function applyMigrationFile(client: Client, names: Names, file: SourceFile): Promise<void> {
  await runFiles(client, names, [file], 'select 1');
}

/** Applies files of one folder; returns what each made. They travel as one message, since others may wait for its end. */
export async function applyPresentFiles(
  client: Client,
  names: Names,
  files: readonly PresentFile[],
): Promise<RecordedFile[]> {
  if (files.length === 0) return [];
  const before = await takeInventory(client, names);
  const after = toInventory(await runFiles(client, names, files, inventoryQuery(names)));
  // Rights change a function's row in the catalog too, but do not make the function.
  const changed = files[0]!.folder === 'grants' ? [] : changedObjects(before, after);
  const made = new Map(
    files.map((file) => [nameOf(file), { path: file.path, hash: file.hash, objects: [] as string[] }]),
  );
  for (const row of changed) {
    const file = made.get(row.name);
    if (!file) throw misnamed(row, files);
    file.objects.push(row.identity);
  }
  return [...made.values()];
}

function nameOf(file: SourceFile): string {
  return basename(file.path, '.sql');
}

/** Returns the rows of the query that is sent behind the files. */
async function runFiles(client: Client, names: Names, files: readonly SourceFile[], query: string): Promise<unknown[]> {
  const bodies = files.map((file) => `${fillPlaceholders(file.text, names, file.path)}\n;\n`);
  try {
    const results = (await client.query(bodies.join('') + query)) as unknown as { rows: unknown[] }[];
    return results.at(-1)!.rows;
  } catch (error) {
    throw isLockFailure(error) ? error : fileFailure(files, bodies, error as ServerError);
  }
}

interface ServerError extends Error {
  readonly code?: string;
  /** Counted in characters from 1, over the whole message. */
  readonly position?: string;
}

function fileFailure(files: readonly SourceFile[], bodies: readonly string[], cause: ServerError): Error {
  // Without an SQLSTATE it is the connection that failed, not the file.
  if (!/^[0-9A-Z]{5}$/.test(cause.code ?? '') || isStoppedFromOutside(cause)) return cause;
  return new SteadyTextError(
    'StatementFailed',
    `${placeOf(files, bodies, cause)} should apply, but the server answered: ${serverAnswer(cause)}`,
    {
      hint: withServerHint(
        'Nothing was changed. Correct the file, or the object in the database that it meets.',
        cause,
      ),
      cause,
    },
  );
}

function placeOf(files: readonly SourceFile[], bodies: readonly string[], { position }: ServerError): string {
  if (position === undefined)
    return files.length === 1 ? files[0]!.path : `One of ${files.map(({ path }) => path).join(', ')}`;
  let offset = Number(position) - 1;
  const index = bodies.findIndex((body) => {
    const inside = offset < body.length;
    if (!inside) offset -= body.length;
    return inside;
  });
  return `${files[index]!.path}:${bodies[index]!.slice(0, offset).split('\n').length}`;
}

function misnamed(row: InventoryRow, files: readonly SourceFile[]): SteadyTextError {
  const places = files.map(({ path }) => path).join(', ');
  return new SteadyTextError(
    'StatementFailed',
    `A file should make the one object it is named after, but one of ${places} makes ${row.identity}`,
    {
      hint: `Give it a file of its own, named ${row.name}.sql.`,
    },
  );
}
