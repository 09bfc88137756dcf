// What runs by schedule: partitions, retention, pruning, statistics; and the workers' own rows.
import { afterEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { TEXT_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

const call = async (worker: WorkerSession, text: string) =>
  Object.values((await worker.client.query(`select steadytext_private.${text}`)).rows[0])[0];

async function partitions(superuser: Session): Promise<string[]> {
  const rows = await superuser.rows(
    `select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent in ('steadytext_request_log'::regclass, 'steadytext_audit_log'::regclass) order by 1`,
  );
  return rows.map(({ relname }) => relname);
}

/** One request that has ended, with its rows in both logs. */
async function finishOne(worker: WorkerSession) {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x')`);
  await worker.settle(await worker.claim({ embed: 1 }));
}

const RETENTION = `update steadytext_settings set value = $2 where name like $1`;
afterEach(async () => {
  const superuser = await queue.superuser();
  await superuser.rows(RETENTION, ['queue_retention', '7 days']);
  await superuser.rows(RETENTION, ['%_log_retention', '90 days']);
});

test('weeks past their retention are dropped, and rows past it leave the default partition', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await call(worker, 'extend_partitions()');
  await superuser.rows(
    `select steadytext_private.make_partition('steadytext_request_log', 'finished_at', date '2020-01-06')`,
  );
  await finishOne(worker);
  for (const day of ['2020-01-07', '2021-01-01']) {
    await superuser.rows(
      `insert into steadytext_request_log (finished_at, requested_at, user_id, request_id, request_type, model, outcome,
         tokens_used, queue_wait_ms, retry_count)
       values ($1::timestamptz, $1::timestamptz, 1, gen_random_uuid(), 'embed', 'm', 'completed', 0, 0, 0)`,
      [day],
    );
  }
  await superuser.rows(RETENTION, ['request_log_retention', '30 days']);
  expect(await call(worker, 'drop_partitions()')).toBe(1);
  expect(await partitions(superuser)).not.toContain('steadytext_request_log_20200106');
  expect(await superuser.value('select count(*)::int from steadytext_request_log')).toBe(1);
  expect(await call(worker, 'drop_partitions()')).toBe(0);
});

test('a publication of all tables, which no row without an identity may leave, does not stop retention', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await call(worker, 'extend_partitions()');
  await superuser.rows('create publication everything for all tables');
  try {
    await superuser.rows(
      `select steadytext_private.make_partition(log, time_column, date '2020-01-06') from steadytext_private.weekly_logs`,
    );
    await superuser.rows(
      `insert into steadytext_audit_log ("timestamp", event_type, function_name, success, digest)
       select day, 'test', 'test', true, sha256('') from unnest(array[timestamptz '2020-01-07', '2019-01-01']) day`,
    );
    expect(await call(worker, 'drop_partitions()')).toBe(2);
    expect(await superuser.value('select count(*)::int from steadytext_audit_log')).toBe(0);
    await finishOne(worker);
    await call(worker, 'prune_requests(100)');
    const unidentified = `
      select c.oid::regclass::text as name from pg_class c
      where c.relnamespace::regnamespace::text ~ '^steadytext' and c.relkind = 'r' and c.relpersistence = 'p' and c.relreplident <> 'f'
        and c.relname !~ '_[0-9]{8}$' and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`;
    expect(await superuser.rows(unidentified)).toEqual([]);
  } finally {
    await superuser.rows('drop publication everything');
  }
});

test('a long reader of a log makes maintenance give up at once, and writers go on', async () => {
  const reader = await queue.superuser();
  const worker = await queue.worker();
  await call(worker, 'extend_partitions()');
  await reader.rows(
    `select steadytext_private.make_partition('steadytext_request_log', 'finished_at', date '2020-01-06')`,
  );
  await reader.rows(RETENTION, ['request_log_retention', '30 days']);
  await reader.rows('begin');
  await reader.rows('select count(*) from steadytext_request_log');
  try {
    await expect(call(worker, 'drop_partitions()')).rejects.toMatchObject({ code: '55P03' });
    await finishOne(worker);
  } finally {
    await reader.rows('commit');
  }
  expect(await call(worker, 'drop_partitions()')).toBe(1);
});

const LOGS = ['steadytext_audit_log', 'steadytext_request_log'];
test.each(LOGS)(
  'a backup that holds %s does not keep the other log, and is told of once that one is done',
  async (held) => {
    const backup = await queue.superuser();
    const worker = await queue.worker();
    await backup.rows(
      `select steadytext_private.make_partition(log, time_column, date '2020-01-06') from steadytext_private.weekly_logs`,
    );
    await backup.rows('begin');
    await backup.rows(`lock table ${held} in access share mode`);
    try {
      expect(await call(worker, 'drop_partitions()')).toBe(1);
      const old = (await partitions(backup)).filter((name) => name.endsWith('_20200106'));
      expect(old).toEqual([`${held}_20200106`]);
      await expect(call(worker, 'drop_partitions()')).rejects.toMatchObject({ code: '55P03' });
    } finally {
      await backup.rows('commit');
    }
    expect(await call(worker, 'drop_partitions()')).toBe(1);
  },
);

test('finished requests past their retention are pruned page by page, and their idempotency keys are free again', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const first = await alice.value(`select steadytext_embed_async('x', idempotency_key => 'k')`);
  await alice.rows(`select steadytext_embed_batch_async(array['a', 'b', 'c'])`);
  await worker.settle(await worker.claim({ embed: 3 }));
  await superuser.rows(
    `update steadytext_queue set completed_at = completed_at - interval '8 days' where status = 'completed'`,
  );
  await superuser.rows(`update steadytext_queue set created_at = now() - interval '1 year'`);
  expect(await call(worker, 'prune_requests(2)')).toBe(2);
  expect(await call(worker, 'prune_requests(2)')).toBe(1);
  expect(await call(worker, 'prune_requests(2)')).toBe(0);
  expect(await alice.value('select status from steadytext_requests')).toBe('pending');
  expect(await alice.value(`select steadytext_embed_async('x', idempotency_key => 'k')`)).not.toBe(first);
  expect(await superuser.value('select count(*)::int from steadytext_audit_log')).toBe(3);
});

test('one that its user retries in an open transaction keeps no others from being pruned', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_embed_batch_async(array['a', 'b', 'c'])`);
  await worker.settle(await worker.claim({ embed: 3 }), { outcome: 'failed', error: 'no' });
  await superuser.rows(`update steadytext_queue set completed_at = completed_at - interval '8 days'`);
  await worker.client.query(`set lock_timeout = '5s'`);
  await alice.rows('begin');
  await alice.rows('select steadytext_retry_async(request_id) from steadytext_queue order by id limit 1');
  expect(await call(worker, 'prune_requests(10)')).toBe(2);
  await alice.rows('rollback');
  expect(await call(worker, 'prune_requests(10)')).toBe(1);
});

test('a page of less than no rows, or without an end, is refused', async () => {
  const worker = await queue.worker();
  for (const call of ['prune_requests', 'promote_requests']) {
    for (const limit of ['-1', 'null']) {
      await expect(worker.client.query(`select steadytext_private.${call}(${limit})`)).rejects.toMatchObject({
        code: 'ST004',
        message: expect.stringContaining('limit should be '),
      });
    }
  }
});

test('the longest and the shortest retention that a setting takes can be worked with', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  for (const retention of ['100 years', '1 hour', '60 minutes', '5000 weeks']) {
    await superuser.rows(RETENTION, ['%_retention', retention]);
    expect(await call(worker, 'prune_requests(1)')).toBe(0);
    expect(await call(worker, 'drop_partitions()')).toBe(0);
  }
});

test('statistics are refreshed by the worker, who owns no table', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  for (const name of ['carol', 'dave']) {
    const session = await queue.session(name);
    await session.rows(`select steadytext_embed_batch_async(array(select 'x' from generate_series(1, 150)))`);
  }
  await worker.claim({ embed: 2 });
  await superuser.rows(`insert into steadytext_models (name, kind) values ('another', 'text')`);
  const tables = ['steadytext_queue', 'steadytext_users', 'steadytext_models', 'steadytext_private.virtual_times'];
  const isKnown = async (table: string) =>
    superuser.value(
      `select c.reltuples = (select count(*) from ${table}) from pg_class c where c.oid = '${table}'::regclass`,
    );
  for (const table of tables) expect(await isKnown(table), table).toBe(false);
  await call(worker, 'refresh_statistics()');
  for (const table of tables) expect(await isKnown(table), table).toBe(true);
  expect(await superuser.value('select count(*)::int from steadytext_private.virtual_times')).toBe(2);
  await superuser.rows(`delete from steadytext_models where name = 'another'`);
});

const HEARTBEAT = 'select steadytext_private.heartbeat_worker($1, $2, $3, $4, $5, $6, $7)';

test('a heartbeat writes the worker and registers its models; retiring takes the worker away', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const alice = await queue.session('alice');
  const model = { name: 'extra', kind: 'text', digest: 'sha256:1', max_tokens: 100, dimension: null };
  const beat = (state: string, models: unknown[]) =>
    worker.client.query(HEARTBEAT, [worker.id, state, 'host', 42, '0.1', '[]', JSON.stringify(models)]);
  await beat('starting', []);
  await beat('running', [model]);
  const [row] = await superuser.rows('select * from steadytext_workers');
  // A worker of the version before tells no name.
  const about = { name: 'host', state: 'running', host: 'host', pid: 42, models: [model] };
  expect(row).toMatchObject({ worker_id: worker.id, ...about });
  expect(row!.heartbeat_at.getTime()).toBeGreaterThanOrEqual(row!.started_at.getTime());
  await alice.rows(`select steadytext_generate_async('x', model => 'extra')`);

  const read = `select digest, is_default, xmin::text from steadytext_models where name = 'extra'`;
  const [before] = await superuser.rows(read);
  await beat('running', [model]);
  expect(await superuser.rows(read)).toEqual([before]);
  await beat('draining', [{ ...model, digest: 'sha256:2' }]);
  expect(await superuser.rows(read)).toMatchObject([{ digest: 'sha256:2', is_default: false }]);

  await expect(beat('asleep', [])).rejects.toMatchObject({ code: '23514' });
  await worker.client.query('select steadytext_private.retire_worker($1)', [worker.id]);
  expect(await superuser.rows('select * from steadytext_workers')).toEqual([]);
  await superuser.rows(`delete from steadytext_models where name = 'extra'`);
});

test('workers that hold unequally much of one model do not write its row by turns: the most counts, until its worker goes', async () => {
  const superuser = await queue.superuser();
  const [small, large, other] = [await queue.worker(), await queue.worker(), await queue.worker()];
  const text = `select max_tokens, digest, xmin::text as version from steadytext_models where name = '${TEXT_MODEL}'`;
  const row = async () => (await superuser.rows(text))[0]!;
  await small.beat(704);
  expect(await row()).toMatchObject({ max_tokens: 704, digest: 'sha256:1' });
  await large.beat(2176);
  const agreed = await row();
  expect(agreed).toMatchObject({ max_tokens: 2176, digest: 'sha256:1' });
  await other.beat(4096, { digest: 'sha256:2' });
  for (const worker of [small, large]) await worker.beat(worker === small ? 704 : 2176);
  expect(await row()).toEqual(agreed);
  const own = `select models -> 0 ->> 'max_tokens' from steadytext_workers where worker_id = $1`;
  expect(await superuser.value(own, [small.id])).toBe('704');

  const silent = `update steadytext_workers set heartbeat_at = now() - interval '31 seconds' where worker_id = any ($1)`;
  await superuser.rows(silent, [[large.id]]);
  await small.beat(704);
  expect(await row()).toMatchObject({ max_tokens: 704, digest: 'sha256:1' });
  await superuser.rows(silent, [[small.id]]);
  await other.beat(4096, { digest: 'sha256:2' });
  expect(await row()).toMatchObject({ max_tokens: 4096, digest: 'sha256:2' });
});

test('what a killed worker leaves behind is removed after a day', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  for (const name of ['alice', 'bob']) {
    const session = await queue.session(name);
    await session.rows(`select steadytext_embed_batch_async(array['a', 'b', 'c'])`);
  }
  for (const [name, age] of Object.entries({ dead: '25 hours', alive: '1 minute' })) {
    const one = await queue.worker();
    await superuser.rows(HEARTBEAT, [one.id, 'running', name, 1, 'v', '[]', '[]']);
    // How far each user is with it, and where in a crowd of them its next turn begins.
    expect(await one.claim({ embed: 2 })).toHaveLength(2);
    await superuser.rows(`insert into steadytext_private.claim_cursors values ($1, 'embed', 'm', 1)`, [one.id]);
    await superuser.rows(`update steadytext_workers set heartbeat_at = now() - $1::interval where host = $2`, [
      age,
      name,
    ]);
  }
  const knownOf = (table: string) =>
    superuser.rows(
      `select distinct w.host from steadytext_private.${table} left join steadytext_workers w using (worker_id) order by 1`,
    );
  const both = [{ host: 'alive' }, { host: 'dead' }];
  for (const table of ['virtual_times', 'claim_cursors']) expect(await knownOf(table)).toEqual(both);
  await call(worker, 'prune_requests(1)');
  expect(await superuser.rows('select host from steadytext_workers')).toEqual([{ host: 'alive' }]);
  for (const table of ['virtual_times', 'claim_cursors']) expect(await knownOf(table)).toEqual([{ host: 'alive' }]);
});

test('the schema says which migration it is at', async () => {
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const applied = await superuser.value('select max(number) from steadytext_private.applied_migrations');
  expect(await call(worker, 'schema_version()')).toBe(applied);
});
