// Takes every lock that a migration's files need before the first of them runs.
//
// Taken one by one as the files come to them, they deadlock with a busy queue: CREATE TRIGGER holds SHARE ROW EXCLUSIVE while
// DROP POLICY wants ACCESS EXCLUSIVE, and between the two a claim has read the table and waits to update it. Tried under
// four busy clients: no attempt out of dozens came through; with all locks taken first, the first one does.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './connection.ts';
import type { LockBudget } from './lock-budget.ts';
import { fillPlaceholders, type Names } from './names.ts';
import type { SourceFile } from './source-files.ts';

// The statements that take more than a reader's and a writer's lock name their table behind one of these words.
const NAMES_TABLE =
  /\b(?:alter\s+table(?:\s+if\s+exists)?(?:\s+only)?|drop\s+(?:table|view)(?:\s+if\s+exists)?|view|on|lock\s+table)\s+@(extschema|privschema)@\.([a-z_][a-z0-9_]*)/gi;

/** Tables and views that these files may lock, sorted. One that is only read or commented on does no harm here. */
export function tablesToLock(files: readonly SourceFile[], names: Names): string[] {
  const found = files.flatMap(({ path, text }) =>
    (text.match(NAMES_TABLE) ?? []).map((part) => fillPlaceholders(part, names, path)),
  );
  return [...new Set(found.map((part) => part.split(/\s+/).at(-1)!))].sort();
}

/** A wait behind somebody who holds one table and wants another that we hold would never end: it is short, and we begin again. */
const FURTHER_WAIT_MS = 100;

/**
 * A client that has frozen, or whose network is gone, holds what it has locked no longer than this; before any lock it has a minute.
 * One that works is idle for a round trip and what it computes, far less.
 */
const FROZEN_AFTER_MS = 5000;

/** Throws a lock failure when the budget is used up. Names that are no table or view yet are passed over. */
export async function lockTables(client: Client, tables: readonly string[], budget: LockBudget): Promise<void> {
  const { rows } = await client.query(
    `select name from unnest($1::text[]) as name join pg_class c on c.oid = to_regclass(name) where c.relkind in ('r', 'p', 'v')`,
    [tables],
  );
  // Where there is no table to lock, grants still wait for whoever holds one against readers.
  await client.query(
    `set local lock_timeout = ${FURTHER_WAIT_MS}; set local idle_in_transaction_session_timeout = ${FROZEN_AFTER_MS}`,
  );
  let order = (rows as { name: string }[]).map(({ name }) => name);
  if (order.length === 0) return;
  await client.query('savepoint before_locks');
  for (;;) {
    const refused = await lockInOrder(client, order, budget);
    if (refused === undefined) break;
    // Let go of all, and next time wait for this one with nothing in hand.
    await client.query('rollback to savepoint before_locks');
    if (budget.remaining() === 0) throw refused.error;
    order = [refused.table, ...order.filter((table) => table !== refused.table)];
    await delay(10 + 20 * Math.random());
  }
  // What is left to wait for, if anything, is on things that nobody else uses.
  await client.query(`set local lock_timeout = ${FURTHER_WAIT_MS + budget.remaining()}`);
}

async function lockInOrder(
  client: Client,
  order: readonly string[],
  budget: LockBudget,
): Promise<{ table: string; error: unknown } | undefined> {
  for (const [index, table] of order.entries()) {
    const wait = Math.max(1, index === 0 ? budget.remaining() : Math.min(FURTHER_WAIT_MS, budget.remaining()));
    try {
      await client.query(`set local lock_timeout = ${wait}; lock table ${table} in access exclusive mode`);
    } catch (error) {
      if (isLockFailure(error)) return { table, error };
      throw error;
    }
  }
  return undefined;
}

/** Lock not available, deadlock, serialization: worth another try. */
export function isLockFailure(error: unknown): boolean {
  return ['55P03', '40P01', '40001'].includes((error as { code?: string }).code ?? '');
}
