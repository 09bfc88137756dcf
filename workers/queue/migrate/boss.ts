// The schema of pg-boss, which runs our periodic work: installed with ours and owned like it, so that workers need no right
// to make anything.
import { getConstructionPlans } from 'pg-boss';
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Names } from './names.ts';

export interface BossQueue {
  readonly name: string;
  /** As pg-boss's createQueue takes them: policy, retryLimit, expireInSeconds … */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface BossState {
  /** Null when not installed. */
  readonly version: number | null;
  readonly queues: readonly string[];
}

export interface BossPlan {
  readonly from: number | null;
  readonly to: number;
  readonly install: boolean;
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
  if (!OPENING.test(plan) || !CLOSING.test(plan) || !version)
    throw new Error('the construction plan of pg-boss has another form than expected');
  return { text: plan.replace(OPENING, '').replace(CLOSING, ''), version };
}

export async function readBossState(client: Client, names: Names): Promise<BossState> {
  const schema = names.bossschema;
  const { rows } = await client.query(`select to_regclass('${schema}.version') is not null as there`);
  if (!(rows[0] as { there: boolean }).there) return { version: null, queues: [] };
  const version = await client.query(`select max(version) as version from ${schema}.version`);
  const queues = await client.query(`select name from ${schema}.queue`);
  return {
    version: (version.rows[0] as { version: number }).version,
    queues: (queues.rows as { name: string }[]).map(({ name }) => name),
  };
}

export function planBoss(state: BossState, wanted: readonly BossQueue[], names: Names): BossPlan {
  const { version } = bossStatements(names.bossschema);
  if (state.version !== null && state.version > version) {
    throw new SteadyTextError(
      'DatabaseNewer',
      `The schema ${names.bossschema} should be at version ${version} of pg-boss's tables or before, but is at ${state.version}`,
      {
        hint: 'Use the newer version of the program that migrated it.',
      },
    );
  }
  const install = state.version !== version;
  const queues = install ? wanted : wanted.filter(({ name }) => !state.queues.includes(name));
  return { from: state.version, to: version, install, queues };
}

/** Run as the owner role. */
export async function applyBoss(client: Client, plan: BossPlan, names: Names): Promise<void> {
  const schema = names.bossschema;
  if (plan.install) {
    // Nothing is kept there but schedules, which every worker writes at its start: an older form is made anew.
    if (plan.from !== null) await client.query(`drop schema ${schema} cascade`);
    await client.query(`create schema if not exists ${schema}`);
    await client.query(bossStatements(schema).text);
  }
  for (const { name, options } of plan.queues) {
    await client.query(`select ${schema}.create_queue($1, $2::jsonb)`, [
      name,
      JSON.stringify({ policy: 'standard', ...options }),
    ]);
  }
  if (plan.install) await client.query(workerRights(names));
}

function workerRights({ bossschema, roleprefix }: Names): string {
  const worker = `${roleprefix}steadytext_worker`;
  return `
revoke all on all functions in schema ${bossschema} from public;
grant usage on schema ${bossschema} to ${worker};
grant select, insert, update, delete on all tables in schema ${bossschema} to ${worker};
grant usage on all sequences in schema ${bossschema} to ${worker};
grant execute on all functions in schema ${bossschema} to ${worker};`;
}
