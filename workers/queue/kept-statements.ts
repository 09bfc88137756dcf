// Statements that the server keeps prepared: parsing and planning a claim is a tenth of it when requests come one by one.

import { createHash } from 'node:crypto';
import type pg from 'pg';
import { sqlStateOf } from './error-map.ts';
import { speaksWithServer } from './server-process.ts';

/** More than there are functions of ours: what goes beyond is not kept. */
const MOST_KEPT = 100;
const names = new Map<string, string>();
const keeping = new WeakMap<pg.Client, boolean>();

/** A server that does not know the name after all, has it for another text, or whose functions give something else by now. */
const NOT_KEPT: readonly string[] = ['26000', '42P05', '0A000'];

/**
 * Runs a statement that is kept prepared, but not behind a bouncer: there the next one may come to another server process, which
 * does not know it. A connection for which that does not hold after all keeps none from then on; of a statement that was refused for
 * that nothing has happened, and it is sent again.
 */
export async function queryKept(client: pg.Client, text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
  const unnamed = { text, values: [...values] };
  let keeps = keeping.get(client);
  if (keeps === undefined) {
    keeps = await speaksWithServer(client);
    keeping.set(client, keeps);
  }
  const name = keeps ? nameOf(text) : undefined;
  if (name === undefined) return await client.query(unnamed);
  try {
    return await client.query({ ...unnamed, name });
  } catch (error) {
    if (!NOT_KEPT.includes(sqlStateOf(error))) throw error;
    keeping.set(client, false);
    return await client.query(unnamed);
  }
}

/** By what the text is: a name that another process has given stands for the same text. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_KEPT) return known;
  const name = `steadytext_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  names.set(text, name);
  return name;
}
