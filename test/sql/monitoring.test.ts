// Numbers from SQL: calls that ended, the state of things, and what Prometheus reads, for whoever may know them.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { run, useServedDigest } from './support/cached.ts';
import { readExposition, type Sample } from './support/exposition.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { TEXT_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useServedDigest(queue);

let [alice, bob, admin, metrics]: Session[] = [];
let worker: WorkerSession;
beforeEach(async () => {
  alice ??= await queue.session('alice');
  bob ??= await queue.session('bob');
  admin ??= await queue.session('ann', ['steadytext_admin']);
  metrics ??= await queue.session('prometheus', ['steadytext_metrics']);
  worker ??= await queue.worker();
});

const exported = async () => readExposition((await metrics!.value('select export_prometheus_metrics()')) as string);
const figure = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}) =>
  samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;
const fold = async () => (await queue.superuser()).rows('select steadytext_private.fold_tallies(0)');

test('function statistics are one’s own; administrators and metrics have those of all, without a text', async () => {
  await run(alice!, worker, `select steadytext_generate_async('one')`);
  await alice!.rows(`select steadytext_generate_async('one')`);
  await run(bob!, worker, `select steadytext_embed_async('two')`);
  const stats = (session: Session) =>
    session.rows(
      'select function_name, duration_ms, cache_hit, outcome from steadytext_function_stats order by finished_at',
    );
  const generated = { function_name: 'steadytext_generate', outcome: 'completed' };
  const own = [
    { ...generated, duration_ms: 7, cache_hit: false },
    { ...generated, duration_ms: 0, cache_hit: true },
  ];
  const others = { function_name: 'steadytext_embed', duration_ms: 7, cache_hit: false, outcome: 'completed' };
  expect(await stats(alice!)).toEqual(own);
  expect(await stats(bob!)).toEqual([others]);
  for (const session of [admin!, metrics!]) expect(await stats(session)).toEqual([...own, others]);
  const columns = Object.keys((await metrics!.rows('select * from steadytext_function_stats limit 1'))[0]!);
  expect(columns.filter((name) => /prompt|result|user/.test(name))).toEqual([]);
});

test('performance metrics are a row a function, of one’s own or of all', async () => {
  await run(alice!, worker, `select steadytext_generate_async('x' || i) from generate_series(1, 3) i`);
  await run(bob!, worker, `select steadytext_generate_async('y')`, { outcome: 'failed', error: 'no' });
  await alice!.rows(`select steadytext_generate_async('x1'), steadytext_embed_async('waits')`);
  await (await queue.superuser()).rows('select steadytext_private.tend_cache()');
  const of = async (session: Session, name = 'steadytext_generate') =>
    (await session.rows('select * from steadytext_performance_metrics where function_name = $1', [name]))[0]!;
  const own = { call_count: '4', total_duration_ms: 21, avg_duration_ms: 5.25, p95_duration_ms: 7, p99_duration_ms: 7 };
  const fleet = { model_memory_mb: null, daemon_connections: '0', active_workers: '0' };
  expect(await of(alice!)).toMatchObject({
    ...{
      ...own,
      ...fleet,
      cache_hit_rate: '20.00',
      pending_requests: '1',
      processing_requests: '0',
      failed_requests: '0',
    },
    avg_queue_time_seconds: expect.any(Number),
  });
  expect(await of(bob!)).toMatchObject({ call_count: '1', pending_requests: '0', failed_requests: '1' });
  for (const session of [admin!, metrics!])
    expect(await of(session)).toMatchObject({
      call_count: '5',
      pending_requests: '1',
      failed_requests: '1',
      cache_hit_rate: '16.67',
    });
  expect(await of(alice!, 'steadytext_rerank')).toMatchObject({
    call_count: '0',
    p95_duration_ms: null,
    pending_requests: '1',
  });
  expect(Object.keys(await of(alice!))).toEqual([
    ...['function_name', 'call_count', 'total_duration_ms', 'avg_duration_ms', 'p95_duration_ms', 'p99_duration_ms'],
    ...['cache_hit_rate', 'cache_size_mb', 'pending_requests', 'processing_requests', 'failed_requests'],
    ...['avg_queue_time_seconds', 'model_memory_mb', 'daemon_connections', 'active_workers'],
  ]);
  const sizes = [await of(alice!), await of(admin!)].map((row) => Number(row.cache_size_mb));
  expect(sizes[0]).toBeGreaterThan(0);
  expect(sizes[1], 'as maintenance counted it').toBe(sizes[0]);
});

test('percentiles are those of percentile_cont, also where some calls ran for no time', async () => {
  const superuser = await queue.superuser();
  await superuser.rows(
    `insert into steadytext_request_log (requested_at, user_id, request_id, request_type, model, outcome, tokens_used, queue_wait_ms,
       duration_ms, retry_count)
     select now(), 1, gen_random_uuid(), case when i % 4 = 0 then 'embed' else 'generate' end, 'm', 'completed', 0, 0,
       case when i % 10 > 0 then (i * i) % 1009 end, 0 from generate_series(1, 500) i`,
  );
  const theirs = `select function_name, count(*) as call_count, sum(duration_ms) as total_duration_ms, avg(duration_ms) as avg_duration_ms,
      percentile_cont(0.95) within group (order by duration_ms) as p95_duration_ms,
      percentile_cont(0.99) within group (order by duration_ms) as p99_duration_ms
    from steadytext_function_stats where called_at > now() - interval '1 hour' group by 1 order by 1`;
  const ours = `select function_name, call_count, total_duration_ms, avg_duration_ms, p95_duration_ms, p99_duration_ms
    from steadytext_performance_metrics where call_count > 0 order by 1`;
  const near = (rows: Record<string, unknown>[]) =>
    rows.map((row) =>
      Object.values(row).map((value) => (typeof value === 'number' ? Number(value.toFixed(6)) : value)),
    );
  expect(near(await admin!.rows(ours))).toEqual(near(await admin!.rows(theirs)));
});

test('what Prometheus reads is right in form, and its counters count on whatever is pruned and added up', async () => {
  const calls = { function: 'steadytext_generate', model: TEXT_MODEL, outcome: 'completed' };
  const total = async (cache: string) =>
    figure(await exported(), 'steadytext_function_calls_total', { ...calls, cache });
  expect(await total('miss')).toBeUndefined();
  await run(alice!, worker, `select steadytext_generate_async('one'), steadytext_generate_async('two')`);
  await alice!.rows(`select steadytext_generate_async('one')`);
  expect([await total('miss'), await total('hit')]).toEqual([2, 1]);
  await run(bob!, worker, `select steadytext_generate_async('three')`);
  await bob!.rows(`select steadytext_cancel_async(steadytext_generate_async('four'))`);
  await fold();
  const superuser = await queue.superuser();
  expect(await superuser.value('select count(*)::int from steadytext_private.request_tallies')).toBe(3);
  await superuser.rows('truncate steadytext_queue, steadytext_request_log');
  const samples = await exported();
  const of = (name: string, labels: Record<string, string> = {}) => figure(samples, name, labels);
  expect(of('steadytext_function_calls_total', { ...calls, cache: 'miss' })).toBe(3);
  expect(of('steadytext_function_calls_total', { outcome: 'cancelled' })).toBe(1);
  expect(of('steadytext_function_tokens_total', { direction: 'in' })).toBe(9);
  expect(of('steadytext_function_tokens_total', { direction: 'out' })).toBe(12);
  expect(of('steadytext_function_duration_seconds_bucket', { le: '0.01' })).toBe(3);
  expect(of('steadytext_function_duration_seconds_sum')).toBe(0.021);
  expect(of('steadytext_function_duration_seconds_count'), 'the cancelled one did not run').toBe(3);
  expect(of('steadytext_function_wait_seconds_count')).toBe(3);
  expect(of('steadytext_workers', { state: 'idle' })).toBe(0);
});

test('the bounds that calls are counted by are those that are told', async () => {
  const superuser = await queue.superuser();
  const [row] = await superuser.rows(
    `select steadytext_private.tally_bounds() as bounds, pg_get_functiondef('steadytext_private.tally_finished'::regproc) as body`,
  );
  const counted = [...row!.body.matchAll(/run_ms <= (\d+)\)/g)].map(([, bound]: string[]) => bound);
  expect(counted).toEqual(row!.bounds);
  expect([...row!.body.matchAll(/wait_ms <= (\d+)\)/g)].map(([, bound]: string[]) => bound)).toEqual(row!.bounds);
});

test('the queue, the cache and the fleet are gauges, and a model may be called anything', async () => {
  const hostile = 'a "model" with \\ and\na second line{}#';
  const superuser = await queue.superuser();
  await worker.beat(2048, { models: [{ name: hostile, kind: 'text', digest: 'sha256:2', max_tokens: 9 }] });
  await alice!.rows('select steadytext_generate_async($1, model => $2)', ['x', hostile]);
  await alice!.rows(`select steadytext_cancel_async(steadytext_generate_async('y', model => $1))`, [hostile]);
  await run(alice!, worker, `select steadytext_embed_async('z')`);
  await alice!.rows(`select steadytext_embed_async('z')`);
  await superuser.rows('select steadytext_private.tend_cache()');
  await admin!.rows(`select steadytext_evict_cache('embedding', 0)`);
  const samples = await exported();
  await superuser.rows('delete from steadytext_models where name = $1', [hostile]);
  const of = (name: string, labels: Record<string, string> = {}) => figure(samples, name, labels);
  const model = { model: hostile };
  expect(of('steadytext_function_calls_total', { ...model, outcome: 'cancelled' })).toBe(1);
  expect(of('steadytext_queue_depth', { ...model, status: 'pending' })).toBe(1);
  expect(of('steadytext_queue_oldest_age_seconds', model)).toBeGreaterThanOrEqual(0);
  expect(of('steadytext_model_loaded_workers', model)).toBe(0);
  const cache = { cache_type: 'embedding' };
  expect(of('steadytext_cache_lookups_total', { ...cache, result: 'hit' })).toBe(1);
  expect(of('steadytext_cache_lookups_total', { ...cache, result: 'miss' })).toBe(1);
  expect(of('steadytext_cache_hit_rate', cache)).toBe(0.5);
  expect(of('steadytext_cache_entries', cache)).toBe(0);
  expect(of('steadytext_cache_evicted_entries_total', cache)).toBeGreaterThanOrEqual(1);
  expect(of('steadytext_cache_evicted_bytes_total', cache)).toBeGreaterThan(0);
  expect(of('steadytext_workers', { state: 'idle' })).toBe(1);
  expect(of('steadytext_schema_version')).toBeGreaterThan(35);
});

test('with enable_monitoring off nothing is counted, and what was stays', async () => {
  const count = async () => figure(await exported(), 'steadytext_function_calls_total', { outcome: 'completed' });
  await run(alice!, worker, `select steadytext_generate_async('counted')`);
  await admin!.rows(`select steadytext_config_set('enable_monitoring', 'off')`);
  await run(alice!, worker, `select steadytext_generate_async('not counted')`);
  expect(await count()).toBe(1);
  expect(await alice!.value('select count(*)::int from steadytext_function_stats')).toBe(2);
  await admin!.rows(`select steadytext_config_reset('enable_monitoring')`);
  await run(alice!, worker, `select steadytext_generate_async('counted again')`);
  expect(await count()).toBe(2);
});

test('two who add up at once count nothing twice, and nobody who settles waits for them', async () => {
  const superuser = await queue.superuser();
  await run(alice!, worker, `select steadytext_generate_async('one')`);
  await superuser.rows('begin');
  await superuser.rows('select steadytext_private.fold_tallies(0)');
  await run(alice!, worker, `select steadytext_generate_async('two')`);
  await queue.db.query(queue.db.superuserUrl, 'select steadytext_private.fold_tallies(0)');
  await superuser.rows('commit');
  expect(figure(await exported(), 'steadytext_function_calls_total')).toBe(2);
});

test('numbers of all users are not for those who have only their own', async () => {
  for (const call of ['export_prometheus_metrics()', 'diagnose_steadytext()'])
    expect(await refusal(alice!, `select ${call}`)).toMatchObject({ code: '42501' });
});

const PROMTOOL = (process.env.PATH ?? '')
  .split(':')
  .map((folder) => join(folder, 'promtool'))
  .find((path) => existsSync(path));
test('promtool finds nothing', async ({ skip }) => {
  if (PROMTOOL === undefined) skip('promtool (apt-get install prometheus) is not installed');
  await run(alice!, worker, `select steadytext_generate_async('one')`);
  await (await queue.superuser()).rows('select steadytext_private.tend_cache()');
  const input = (await metrics!.value('select export_prometheus_metrics()')) as string;
  expect(execFileSync(PROMTOOL!, ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
});
