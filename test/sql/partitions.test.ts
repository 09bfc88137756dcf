// The weeks of the logs: there from the start, made ahead, and never at a writer's cost.
import { beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import type { WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
const LOGS = ['steadytext_audit_log', 'steadytext_request_log'];
let superuser: Session;
let worker: WorkerSession;

beforeEach(async () => {
  superuser = await queue.superuser();
  worker = await queue.worker();
});

async function weeks(log: string): Promise<string[]> {
  const rows = await superuser.rows(
    `select right(c.relname, 8) as week from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass and c.relname ~ '_[0-9]{8}$' order by 1`,
    [log],
  );
  return rows.map(({ week }) => week);
}

async function expectedWeeks(first: number, last: number): Promise<string[]> {
  const rows = await superuser.rows(
    `select to_char(date_trunc('week', now() at time zone 'UTC') + w * interval '1 week', 'YYYYMMDD') as week
     from generate_series($1::int, $2::int) w`,
    [first, last],
  );
  return rows.map(({ week }) => week);
}

async function dropWeeks(count: number) {
  for (const log of LOGS) {
    for (const week of (await weeks(log)).slice(-count)) {
      await superuser.rows(`drop table steadytext_private.${log}_${week}`);
    }
  }
}

const extend = async () =>
  (await worker.client.query('select steadytext_private.extend_partitions() as made')).rows[0].made as number;

async function extendAll(): Promise<number> {
  for (let made = 0; ; made++) if ((await extend()) === 0) return made;
}

const drop = async ({ client }: WorkerSession) =>
  (await client.query('select steadytext_private.drop_partitions() as dropped')).rows[0].dropped as number;

const INSERT = `insert into steadytext_request_log (finished_at, requested_at, user_id, request_id, request_type, model, outcome,
    tokens_used, queue_wait_ms, retry_count)
  select clock_timestamp(), now(), 1, gen_random_uuid(), 'embed', 'm', 'completed', 0, 0, 0 from generate_series(1, $1) g`;

test('this week and four more are there before maintenance has run once, and nothing is missing then', async () => {
  for (const log of LOGS) expect(await weeks(log)).toEqual(await expectedWeeks(0, 4));
  expect(await extend()).toBe(0);
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x')`);
  await worker.settle(await worker.claim({ embed: 1 }));
  const [week] = await expectedWeeks(0, 0);
  for (const log of LOGS) {
    expect(await superuser.value(`select tableoid::regclass::text from ${log}`)).toBe(
      `steadytext_private.${log}_${week}`,
    );
  }
});

test('the weeks ahead are made one a call, and give nobody rights', async () => {
  await dropWeeks(2);
  expect(await extend()).toBe(1);
  expect(await extendAll()).toBe(3);
  for (const log of LOGS) expect(await weeks(log)).toEqual(await expectedWeeks(0, 4));
  const open = `select relname from pg_class where relnamespace = 'steadytext_private'::regnamespace and relname ~ '_[0-9]{8}$'
    and (not relrowsecurity or exists (select from aclexplode(relacl) a where a.grantee <> relowner))`;
  expect(await superuser.rows(open)).toEqual([]);
});

test('after weeks without maintenance, under writers and with a long default partition, no writer fails or waits', async () => {
  await dropWeeks(5);
  await superuser.rows(INSERT, [300_000]);
  const sessions = await Promise.all([1, 2, 3, 4].map(() => queue.session('writer', ['steadytext_owner'])));
  for (const session of sessions) await session.rows('set search_path = steadytext; set role steadytext_owner');
  let ended = false;
  let longest = 0;
  let written = 0;
  const writing = sessions.map(async (session) => {
    while (!ended) {
      const began = performance.now();
      await session.rows(INSERT, [3]);
      longest = Math.max(longest, performance.now() - began);
      written += 3;
    }
  });
  let made = 0;
  try {
    made = await extendAll();
  } finally {
    ended = true;
    await Promise.all(writing);
  }
  expect(made).toBe(8);
  for (const log of LOGS) expect(await weeks(log)).toEqual(await expectedWeeks(1, 4));
  expect(longest).toBeLessThan(1000);
  expect(written).toBeGreaterThan(0);
  expect(await superuser.value('select count(*)::int from steadytext_request_log')).toBe(300_000 + written);
  expect(await superuser.value('select count(*)::int from steadytext_private.steadytext_request_log_default')).toBe(
    300_000 + written,
  );
  await superuser.rows('truncate steadytext_request_log');
});

test('a week of which the default partition has rows stays with it', async () => {
  await dropWeeks(1);
  await superuser.rows(INSERT, [1]);
  await superuser.rows(`update steadytext_request_log set finished_at = now() + interval '28 days'`);
  const [week] = await expectedWeeks(4, 4);
  expect(await extendAll()).toBe(1);
  expect(await weeks('steadytext_request_log')).not.toContain(week);
  expect(await weeks('steadytext_audit_log')).toContain(week);
  await superuser.rows('truncate steadytext_request_log');
  expect(await extendAll()).toBe(1);
});

test('a week is dropped when all of it is past the retention, and no moment before', async () => {
  const week = `'steadytext_request_log', 'finished_at'`;
  await superuser.rows(`select steadytext_private.make_partition(${week}, date '2020-01-06')`);
  const drop = `select steadytext_private.drop_expired_partitions(${week}, $1)`;
  expect(await superuser.value(drop, ['2020-01-12 23:59:59.999999+00'])).toBe(0);
  expect(await superuser.value(drop, ['2020-01-13 00:00:00+00'])).toBe(1);
});

test('a long reader of what was written to no week makes it give up at once, and writers go on', async () => {
  await dropWeeks(1);
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x')`);
  const claimed = await worker.claim({ embed: 1 });
  await worker.client.query(`set statement_timeout = '3s'`);
  await superuser.rows('begin');
  await superuser.rows('select count(*) from steadytext_private.steadytext_audit_log_default');
  try {
    await expect(extend()).rejects.toMatchObject({ code: '55P03' });
    expect(await worker.settle(claimed)).toHaveLength(1);
  } finally {
    await superuser.rows('commit');
  }
  expect(await extendAll()).toBe(2);
});

test('no login can hold maintenance up by advisory locks, and two workers at once do not wait for each other', async () => {
  await dropWeeks(1);
  const stranger = await queue.session('stranger', []);
  await stranger.rows('begin');
  await stranger.rows(
    `select pg_advisory_xact_lock(c.oid::bigint), pg_advisory_xact_lock(0, c.oid::int) from pg_class c
     where c.relname ~ '^(steadytext|weekly)_' and c.relkind in ('r', 'p')`,
  );
  const other = await queue.worker();
  await worker.client.query(`set statement_timeout = '3s'`);
  await other.client.query(`set statement_timeout = '3s'`);
  await worker.client.query('begin');
  expect(await extend()).toBe(1);
  // The first still holds one log.
  expect((await other.client.query('select steadytext_private.extend_partitions()')).rows).toHaveLength(1);
  expect(await drop(other)).toBe(0);
  await worker.client.query('commit');
  await extendAll();
  await worker.client.query('begin');
  expect(await drop(worker)).toBe(0);
  expect(await drop(other)).toBe(0);
  await worker.client.query('commit');
  await stranger.rows('rollback');
  for (const log of LOGS) expect((await weeks(log)).at(-1)).toBe((await expectedWeeks(4, 4))[0]);
});
