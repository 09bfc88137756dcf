// A migrated database with open sessions of ordinary logins and workers, emptied before each test.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { openClient, type TestDatabase, useDatabase } from '../../support/database.ts';
import { endTransactions } from '../../support/end-transactions.ts';
import { WorkerSession } from './worker-session.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says, and a test knows its statement
export type Row = Record<string, any>;

/** One login's connection; every statement in a transaction of its own unless a test begins one. */
export class Session {
  readonly client: pg.Client;
  constructor(client: pg.Client) {
    this.client = client;
  }
  async rows(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query(text, [...values])).rows;
  }
  /** Rows of a statement that is rolled back, in one go: the way to the server and back costs more than most statements. */
  async undone(text: string): Promise<Row[]> {
    try {
      const results = (await this.client.query(`begin; ${text}; rollback`)) as unknown as { rows: Row[] }[];
      return results[1]!.rows;
    } catch (error) {
      await this.client.query('rollback');
      throw error;
    }
  }
  /** First column of the only row. */
  async value(text: string, values: readonly unknown[] = []): Promise<unknown> {
    const rows = await this.rows(text, values);
    if (rows.length !== 1) throw new Error(`${text} should give one row, but gave ${rows.length}`);
    return Object.values(rows[0]!)[0];
  }
}

export interface TestQueue {
  readonly db: TestDatabase;
  /** Sees and may change everything: for looking at rows, and for making time pass. */
  superuser(): Promise<Session>;
  /** A session of a login of this name with these roles; the same login for the same name, a new session each time. */
  session(name: string, roles?: readonly string[]): Promise<Session>;
  /** A worker on a session of its own, with an id of its own unless one is given. */
  worker(id?: string): Promise<WorkerSession>;
}

const EMPTIED = [
  ...['steadytext_queue', 'steadytext_request_log', 'steadytext_audit_log', 'steadytext_workers'],
  ...['steadytext_cache_entries', 'steadytext_eviction_log', 'steadytext_audit_seals', 'steadytext_erasures'],
].concat(
  ['virtual_times', 'claim_cursors', 'retired_workers', 'cache_touches', 'cache_counts', 'cache_clears']
    .concat([
      'streams',
      'stream_pieces',
      'fleet_orders',
      'order_answers',
      'request_tallies',
      'system_settings',
      'refusals',
    ])
    .map((name) => `steadytext_private.${name}`),
);
// Tables and weeks that no row was ever written to are left
// alone: to truncate all of them takes a hundred milliseconds, and these ways two, or twenty where there was something.
const EMPTY = `do $$
declare
  written text;
begin
  -- The audit log refuses to be emptied.
  perform set_config('session_replication_role', 'replica', true);
  update steadytext_users set weight = 1 where weight <> 1;
  -- A tree is there of partitioned tables alone, which themselves have no size.
  with emptied as (select unnest('{${EMPTIED.join(', ')}}'::regclass[]) as relid)
  select string_agg(relid::text, ', ') into written
    from (select relid from emptied union select t.relid from emptied, pg_partition_tree(emptied.relid) t) each_one
    where pg_relation_size(relid) > 0;
  if written is not null then
    execute 'truncate ' || written;
  end if;
end $$`;

export function useQueue(): TestQueue {
  const db = useDatabase();
  const open: pg.Client[] = [];
  const addresses = new Map<string, Promise<string>>();
  const connect = async (url: string) => {
    const client = await openClient(url);
    open.push(client);
    return client;
  };
  const superuser = async () => new Session(await connect(db.superuserUrl));
  let watcher: Session | undefined;
  beforeEach(async () => {
    watcher ??= await superuser();
    await watcher.client.query(EMPTY);
  });
  // What a failed test has left open would hold up emptying the tables, and each test after it until its time was over.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await endTransactions(db.superuserUrl, open);
  });
  afterAll(async () => {
    await Promise.all(open.map((client) => client.end()));
  });
  return {
    db,
    superuser: async () => {
      watcher ??= await superuser();
      return watcher;
    },
    session: async (name, roles = ['steadytext_writer']) => {
      const address = addresses.get(name) ?? db.login(roles);
      addresses.set(name, address);
      return new Session(await connect(await address));
    },
    worker: async (id = randomUUID()) => new WorkerSession(await connect(db.workerUrl), id),
  };
}
