// Restores a backup: all of it or nothing, beside what is there.

import type { Client } from '../migrate/connection.ts';
import type { Names } from '../migrate/names.ts';
import { type BackupSummary, fileLines, ofFile, type RowCounts, readSummary, splitLine } from './backup-file.ts';
import { asOwner, noteDone, type StateOptions, transaction } from './session.ts';

export interface RestoreOptions extends StateOptions {
  /** Settings, weights and default models are as in the backup, also where somebody has chosen others here. */
  readonly replacesSettings: boolean;
  /** Rows of users whose roles are not there yet come in, for steadytext_rebind_users. */
  readonly keepsMissing: boolean;
}

export interface RestoreReport extends BackupSummary {
  /** Rows of each table that were not there. */
  readonly restored: RowCounts;
}

const BYTES_AT_ONCE = 1_000_000;
const ROWS_AT_ONCE = 1000;
const USERS = 'steadytext_users';

/** Throws BackupRefused, UnknownLogin for users that are no roles, and as asOwner does. Nothing is changed then. */
export async function restoreState(options: RestoreOptions): Promise<RestoreReport> {
  // All of it, before anything is written: a file that is cut off at its end must restore no half.
  const summary = await readSummary(options.file);
  const restored = await asOwner(options, (client, names) =>
    transaction(client, names, 'read committed', async () => {
      await client.query(`select ${names.privschema}.check_backup_header($1)`, [JSON.stringify(summary.header)]);
      const counts = await restoreParts(client, names, options);
      await noteDone(client, names, 'state_restored', counts);
      return counts;
    }),
  );
  return { ...summary, restored };
}

async function restoreParts(client: Client, names: Names, options: RestoreOptions): Promise<RowCounts> {
  const restored: Record<string, number> = {};
  let userIds: string | null = null;
  const users = async (rows: string) => {
    const answer = await client.query(
      `select user_ids::text as "userIds", restored from ${names.privschema}.restore_users($1, $2, $3)`,
      [rows, options.replacesSettings, options.keepsMissing],
    );
    const found = answer.rows[0] as { userIds: string; restored: number };
    userIds = found.userIds;
    return found.restored;
  };
  const others = async (part: string, rows: string) => {
    const answer = await client.query(`select ${names.privschema}.restore_rows($1, $2, $3, $4) as restored`, [
      ...[part, rows, userIds, options.replacesSettings],
    ]);
    return (answer.rows[0] as { restored: number }).restored;
  };
  for await (const [part, rows] of batches(options.file)) {
    // Without users nothing is anybody's, but their settings are restored all the same.
    if (userIds === null && part !== USERS) await users('[]');
    restored[part] = (restored[part] ?? 0) + (part === USERS ? await users(rows) : await others(part, rows));
  }
  return restored;
}

/** Rows of one table each time, as a JSON array: users all at once, others some at a time. */
async function* batches(file: string): AsyncGenerator<[part: string, rows: string]> {
  let current = '';
  let rows: string[] = [];
  let bytes = 0;
  const taken = (): [string, string] => {
    const batch: [string, string] = [current, `[${rows.join(',')}]`];
    rows = [];
    bytes = 0;
    return batch;
  };
  let isHeader = true;
  try {
    for await (const line of fileLines(file)) {
      const [part, json] = splitLine(line);
      const isRow = !isHeader && part !== 'end';
      isHeader = false;
      const isFull = part !== USERS && (rows.length >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE);
      if (rows.length > 0 && (part !== current || isFull)) yield taken();
      if (!isRow) continue;
      current = part;
      rows.push(json);
      bytes += line.length;
    }
  } catch (error) {
    throw ofFile(file, error);
  }
}
