// The schema of pg-boss, which runs our periodic work: installed with ours and owned like it, so that workers need no right
// to make anything.
import { isDeepStrictEqual } from 'node:util';
import { getConstructionPlans } from 'pg-boss';
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Names } from './names.ts';

export interface BossQueue {
  readonly name: string;
  /** As pg-boss's createQueue takes them: policy, retryLimit, expireInSeconds … */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What was installed last, as the ledger has it; null when nothing was, or when the schema has gone since. */
export interface BossState {
  readonly version: number;
  readonly queues: readonly BossQueue[];
}

export interface BossPlan {
  readonly version: number;
  readonly install: boolean;
  /** Named but not wanted any more, or to be made again with other options. */
  readonly drop: readonly string[];
  readonly create: readonly BossQueue[];
  readonly queues: readonly BossQueue[];
}

// BEGIN and COMMIT would end our transaction, its settings would lengthen our lock_timeout, and our own lock serves for its.
const OPENING = /^\s*BEGIN;\s*(SET LOCAL \w+ = \d+;\s*)*SELECT pg_advisory_xact_lock\([^;]*\);/;
const CLOSING = /COMMIT;\s*$/;
const VERSION = /INSERT INTO \w+\.version\(version\) VALUES \('(\d+)'\)/;

/** The statements that make the schema's objects, without those that open and end a transaction. */
export function bossStatements(schema: string): { readonly text: string; readonly version: number } {
  const plan = getConstructionPlans(schema, { createSchema: false });
  const version = Number(VERSION.exec(plan)?.[1]);
  if (!OPENING.test(plan) || !CLOSING.test(plan) || !version) {
    throw new Error('the construction plan of pg-boss has another form than expected');
  }
  return { text: plan.replace(OPENING, '').replace(CLOSING, ''), version };
}

/** Without a wish, the queues stay as they are. */
export function planBoss(installed: BossState | null, wish: readonly BossQueue[] | undefined, names: Names): BossPlan {
  const wanted = wish ?? installed?.queues ?? [];
  const { version } = bossStatements(names.bossschema);
  if (installed && installed.version > version) {
    throw new SteadyTextError(
      'DatabaseNewer',
      `The tables of pg-boss should be at version ${version} or before, but are at ${installed.version}`,
      { hint: 'Use the newer version of the program that migrated it.' },
    );
  }
  if (installed?.version !== version) return { version, install: true, drop: [], create: wanted, queues: wanted };
  const same = (queue: BossQueue) => installed.queues.some((other) => isDeepStrictEqual(plain(queue), plain(other)));
  const create = wanted.filter((queue) => !same(queue));
  const kept = new Set(wanted.filter(same).map(({ name }) => name));
  const drop = installed.queues.map(({ name }) => name).filter((name) => !kept.has(name));
  return { version, install: false, drop, create, queues: wanted };
}

export function bossUnchanged({ install, drop, create }: BossPlan): boolean {
  return !install && drop.length + create.length === 0;
}

/** Run as the owner role. */
export async function applyBoss(client: Client, plan: BossPlan, names: Names): Promise<void> {
  const schema = names.bossschema;
  if (plan.install) {
    // Nothing is kept there but schedules, which every worker writes at its start: an older form is made anew.
    await client.query(`drop schema if exists ${schema} cascade`);
    await client.query(`create schema ${schema}`);
    await client.query(bossStatements(schema).text);
  }
  for (const name of plan.drop) await client.query(`select ${schema}.delete_queue($1)`, [name]);
  for (const { name, options } of plan.create) {
    const given = JSON.stringify({ policy: 'standard', ...options });
    await client.query(`select ${schema}.create_queue($1, $2::jsonb)`, [name, given]);
  }
}

function plain(queue: BossQueue): unknown {
  return JSON.parse(JSON.stringify({ name: queue.name, options: queue.options ?? {} }));
}

/** Everything but making anything. */
export async function grantBossRights(client: Client, { bossschema, roleprefix }: Names): Promise<void> {
  const worker = `${roleprefix}steadytext_worker`;
  await client.query(`
revoke all on all functions in schema ${bossschema} from public;
grant usage on schema ${bossschema} to ${worker};
grant select, insert, update, delete on all tables in schema ${bossschema} to ${worker};
grant usage on all sequences in schema ${bossschema} to ${worker};
grant execute on all functions in schema ${bossschema} to ${worker};`);
}
