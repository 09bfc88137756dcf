// Costs that must not grow with the backlog: no call of the worker API reads a whole table, with whatever statistics.
import { beforeAll, expect, test } from 'vitest';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { readFleetStatus } from '../../workers/queue/api/fleet-status.ts';
import { type Session, useQueue } from './support/queue.ts';
import { EMBEDDING_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
let superuser: Session;

beforeAll(async () => {
  superuser = await queue.superuser();
  await superuser.rows(
    `insert into steadytext_users (role_name, role_oid) select 'planned_' || g, g from generate_series(1, 5) g`,
  );
});

/** Rows for five users, of which some are runnable and some due later, in a table without statistics. */
async function backlog(runnable: number, later: number) {
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, runnable, scheduled_at)
     select gen_random_uuid(), u.user_id, 'embed', $1, 'x', g > $3, now() + case when g > $3 then '0' else '1 hour' end::interval
     from steadytext_users u, generate_series(1, $2::int + $3::int) g where u.role_name like 'planned%'`,
    [EMBEDDING_MODEL, runnable / 5, later / 5],
  );
}

async function wholeReads(): Promise<number> {
  await superuser.rows('select pg_stat_force_next_flush()');
  return Number(
    await superuser.value(
      `select sum(seq_scan) from pg_stat_user_tables where relname in ('steadytext_queue', 'virtual_times')
       or relname like 'steadytext%log%'`,
    ),
  );
}

async function everyCall(worker: WorkerSession) {
  const claimed = await worker.claim({ embed: 40, generate: 5 });
  expect(claimed).toHaveLength(40);
  await worker.renew(claimed);
  await worker.release(claimed.slice(0, 5));
  await worker.settle(claimed.slice(5, 30));
  await worker.settle(claimed.slice(30), { outcome: 'retry' });
  await worker.promote();
  await worker.rescue();
}

test.each([
  ['a small queue', 500, 0, false],
  ['a long queue', 20_000, 0, false],
  ['a queue with most of it due later', 5_000, 20_000, false],
  ['the same, analyzed', 5_000, 20_000, true],
])('%s', async (_, runnable, later, analyzed) => {
  await backlog(runnable, later);
  const worker = await queue.worker();
  if (analyzed) await worker.client.query('select steadytext_private.refresh_statistics()');
  const before = await wholeReads();
  // Often enough for every statement's plan to become the generic one.
  for (let i = 0; i < 8; i++) await everyCall(worker);
  await worker.client.query('select pg_stat_force_next_flush()');
  await worker.client.query('select 1');
  expect((await wholeReads()) - before).toBe(0);
  // The counter counts: reading the queue whole is seen.
  await superuser.rows('select max(error) from steadytext_queue');
  expect((await wholeReads()) - before).toBeGreaterThan(0);
});

test('of a batch that is repeated each key is looked up by itself, also without statistics', async () => {
  const settings = { log_min_duration: 0, log_nested_statements: 'on', log_level: 'notice' };
  const plans: string[] = [];
  const note = ({ message }: { message?: string | undefined }) => plans.push(message ?? '');
  await superuser.rows('set allow_system_table_mods = on');
  await superuser.rows(`delete from pg_statistic where starelid = 'steadytext_queue'::regclass`);
  await superuser.rows('reset allow_system_table_mods');
  const texts = Array.from({ length: 1000 }, (_, i) => `text ${i}`);
  const call = `select steadytext_embed_batch_async($1, idempotency_key => 'k')`;
  const first = await superuser.value(call, [texts]);
  await superuser.rows(`load 'auto_explain'`);
  superuser.client.on('notice', note);
  try {
    for (const [name, value] of Object.entries(settings)) await superuser.rows(`set auto_explain.${name} = '${value}'`);
    expect(await superuser.value(call, [texts])).toEqual(first);
  } finally {
    for (const name of Object.keys(settings)) await superuser.rows(`reset auto_explain.${name}`);
    superuser.client.off('notice', note);
  }
  const lookups = plans.filter((plan) => plan.includes('idempotency_key = i.idempotency_key'));
  expect(lookups).toHaveLength(2);
  // It was `Index Cond: (user_id = …)`, which gave all of the user's keys for each key of the call.
  const byKey = /Index Cond: \(\(user_id = [^)]+\) AND \(idempotency_key = i\.idempotency_key\)\)/;
  for (const plan of lookups) expect(plan).toMatch(byKey);
});

test('pruning reads no whole queue, whether nothing is due or something', async () => {
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, status, runnable, completed_at, error)
     select gen_random_uuid(), 1, 'embed', $1, 'x', 'failed', false, now() - g * interval '10 seconds', 'x'
     from generate_series(1, 20000) g`,
    [EMBEDDING_MODEL],
  );
  await backlog(5_000, 5_000);
  const worker = await queue.worker();
  const prune = async () => (await worker.client.query('select steadytext_private.prune_requests() as n')).rows[0].n;
  const readWhole = async () => {
    // The superuser's own are counted too: emptying the queue before the test builds its indexes anew, each a whole read.
    for (const { client } of [superuser, worker]) await client.query('select pg_stat_force_next_flush()');
    for (const { client } of [superuser, worker]) await client.query('select 1');
    return Number(await superuser.value(`select seq_scan from pg_stat_user_tables where relname = 'steadytext_queue'`));
  };
  const before = await readWhole();
  for (let i = 0; i < 8; i++) expect(await prune()).toBe(0);
  await superuser.rows(`update steadytext_settings set value = '1 day' where name = 'queue_retention'`);
  try {
    expect(await prune()).toBe(1000);
  } finally {
    await superuser.rows(`update steadytext_settings set value = '7 days' where name = 'queue_retention'`);
  }
  expect((await readWhole()) - before).toBe(0);
  const left = `select count(*)::int from steadytext_queue where completed_at < now() - interval '1 day'`;
  expect(await superuser.value(left)).toBeGreaterThan(0);
  const oldest = `select extract(day from now() - min(completed_at))::int from steadytext_queue`;
  expect(await superuser.value(oldest)).toBe(2);
});

test('neither monitoring nor a look at the dead letters or at the status reads the requests that are kept', async () => {
  const connect = async (role: string) =>
    openApiConnection({ url: await queue.db.login([role]), schema: 'steadytext', name: 'test' });
  const [admin, alice] = [await connect('steadytext_admin'), await connect('steadytext_writer')];
  const rowsRead = async () => {
    for (const db of [admin, alice]) await db.query('select pg_stat_force_next_flush()');
    const read = `select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'steadytext_queue'`;
    return Number(await superuser.value(read));
  };
  try {
    const worker = await queue.worker();
    await alice.query(`select steadytext.steadytext_generate_batch_async(array['a', 'b', 'c', 'd', 'e'])`);
    const [failed, done, left] = await worker.claim({ generate: 4 });
    await worker.settle([failed!], { outcome: 'failed', error: 'x' });
    await worker.settle([done!]);
    await alice.query('select steadytext.steadytext_cancel_async($1)', [left!.request_id]);
    await superuser.rows(
      `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, status, runnable, completed_at)
       select gen_random_uuid(), u.user_id, 'embed', $1, repeat('x', 500), 'completed', false, now() - g * interval '2 hours'
       from steadytext_users u, generate_series(1, 4000) g where u.role_name like 'planned%'`,
      [EMBEDDING_MODEL],
    );
    await superuser.rows('analyze steadytext_queue');
    const before = await rowsRead();
    const waiting = ['failed', 'pending', 'processing'].map((status) => ({ status, requests: 1 }));
    expect(await admin.query('select status, requests::int from steadytext.steadytext_queue_counts()')).toEqual(
      waiting,
    );
    const ended = `select sum(requests)::int as ended from steadytext.steadytext_finished_counts(now() - interval '1 hour')`;
    expect(await admin.query(ended)).toEqual([{ ended: 3 }]);
    for (const db of [admin, alice]) {
      const newest = 'select request_id from steadytext.steadytext_dead_letter_queue order by failed_at desc limit 20';
      expect(await db.query(newest)).toEqual([{ request_id: failed!.request_id }]);
      const { queue: counts } = await readFleetStatus(db);
      expect(counts!.map(({ status, requests }) => ({ status, requests }))).toEqual([
        { status: 'cancelled', requests: 1 },
        { status: 'completed', requests: 1 },
        ...waiting,
      ]);
    }
    // Of 4,005.
    expect((await rowsRead()) - before).toBeLessThan(100);
  } finally {
    for (const db of [admin, alice]) await db.close();
  }
});
