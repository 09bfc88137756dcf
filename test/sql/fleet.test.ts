// What SQL tells of the fleet: true with no worker, with one, with three, and with one that has fallen silent.
import { beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { EMBEDDING_MODEL, TEXT_MODEL } from './support/worker-session.ts';

const queue = useQueue();
const MB = 2 ** 20;
const MODELS = [
  { name: TEXT_MODEL, kind: 'text', digest: 'sha256:1', max_tokens: 2048 },
  { name: EMBEDDING_MODEL, kind: 'embedding', digest: 'sha256:2', max_tokens: 256, dimension: 384 },
];

interface EngineFigures {
  readonly text?: boolean;
  readonly state?: string;
  readonly running?: number;
  readonly requests?: number;
  readonly errors?: number;
}

function engine({ text = true, state = 'ready', running = 0, requests = 0, errors = 0 }: EngineFigures = {}) {
  const its = (name: string, resident: boolean, bytes: number) => {
    return { name, resident, bytes, format: 'row8', loadMs: 5, threads: 1, idleMs: 1000 };
  };
  return {
    ...{ pid: 7, state, residentBytes: 400 * MB, running, restarts: 0, requests, errors, meanMs: 20, idleMs: 1000 },
    models: [its(TEXT_MODEL, text, 200 * MB), its(EMBEDDING_MODEL, true, 50 * MB)],
  };
}

async function beat(host: string, engines: readonly object[], state = 'running'): Promise<string> {
  const worker = await queue.worker();
  const machine = { totalBytes: 8000 * MB, freeBytes: 5000 * MB, workerBytes: 100 * MB };
  await worker.beat(2048, { host, state, engines, models: MODELS, machine });
  return worker.id;
}

let reader: Session;
beforeEach(async () => {
  reader ??= await queue.session('reader', ['steadytext_reader']);
});

const models = () =>
  reader.rows(
    'select model, model_loaded, workers_loaded, workers_total, memory_bytes::float8 from steadytext_model_status()',
  );
const health = async () =>
  (await reader.rows(`select status, details ->> 'message' as message from check_daemon_health()`))[0];

test('with no worker all of it says so, and nothing fails', async () => {
  const closed = { model_loaded: false, workers_loaded: 0, workers_total: 0, memory_bytes: 0 };
  expect(await models()).toEqual([
    { model: TEXT_MODEL, ...closed },
    { model: EMBEDDING_MODEL, ...closed },
  ]);
  expect(await reader.rows('select * from steadytext_memory_usage()')).toEqual([
    { used_memory_mb: null, total_memory_mb: null },
  ]);
  for (const none of ['steadytext_model_memory_usage()', 'steadytext_system_status()', 'daemon_pool_status'])
    expect(await reader.rows(`select * from ${none}`), none).toEqual([]);
  expect(await reader.rows('select * from steadytext_daemon_status()')).toEqual([
    {
      ...{ daemon_id: 'default', status: 'unknown', endpoint: `postgresql:///${queue.db.name}` },
      ...{ last_heartbeat: null, uptime_seconds: null, daemon_running: false, daemon_host: null, daemon_port: 5555 },
    },
  ]);
  expect(await health()).toEqual({ status: 'ERROR', message: 'Daemon not running: no worker lives' });
});

test('one worker is told with its engines, its models and its machine', async () => {
  const id = await beat('left', [engine({ running: 2, requests: 30, errors: 1 }), engine({ text: false })]);
  expect(await models()).toEqual([
    { model: TEXT_MODEL, model_loaded: true, workers_loaded: 1, workers_total: 1, memory_bytes: 200 * MB },
    { model: EMBEDDING_MODEL, model_loaded: true, workers_loaded: 1, workers_total: 1, memory_bytes: 100 * MB },
  ]);
  const usage = 'select model, kind, format, worker, engine, memory_bytes::float8 from steadytext_model_memory_usage()';
  const each = { format: 'row8', worker: 'left' };
  const embedding = { model: EMBEDDING_MODEL, kind: 'embedding', memory_bytes: 50 * MB, ...each };
  expect(await reader.rows(usage)).toEqual([
    { model: TEXT_MODEL, kind: 'text', engine: 1, memory_bytes: 200 * MB, ...each },
    { ...embedding, engine: 1 },
    { ...embedding, engine: 2 },
  ]);
  expect(await reader.rows('select * from steadytext_memory_usage()')).toEqual([
    { used_memory_mb: 3000, total_memory_mb: 8000 },
  ]);
  expect(await reader.rows('select * from steadytext_system_status()')).toMatchObject([
    { worker_id: id, state: 'active', model_size_mb: 300, memory_mb: 900, engines: 2, running: 2 },
  ]);
  expect(await reader.rows('select * from daemon_pool_status')).toMatchObject([
    { state: 'active', request_count: '30', error_count: '1', avg_response_time_ms: 20 },
    { state: 'idle', request_count: '0', error_count: '0' },
  ]);
  expect(await reader.rows('select * from steadytext_daemon_status()')).toMatchObject([
    { status: 'healthy', daemon_running: true, daemon_host: 'left', uptime_seconds: 0 },
  ]);
  expect(await health()).toEqual({ status: 'OK', message: 'Daemon healthy' });
});

test('three workers are added up, and the memory of a host that two share counts once', async () => {
  await beat('left', [engine()]);
  await beat('left', [engine({ text: false, state: 'dead' })], 'starting');
  await beat('right', [engine({ text: false })], 'draining');
  expect(await models()).toMatchObject([
    { model: TEXT_MODEL, workers_loaded: 1, workers_total: 3, memory_bytes: 200 * MB },
    { model: EMBEDDING_MODEL, workers_loaded: 2, workers_total: 3, memory_bytes: 100 * MB },
  ]);
  expect(await reader.rows('select * from steadytext_memory_usage()')).toEqual([
    { used_memory_mb: 6000, total_memory_mb: 16000 },
  ]);
  const states = await reader.rows('select state from steadytext_system_status() order by state');
  expect(states.map(({ state }) => state)).toEqual(['draining', 'idle', 'starting']);
  expect(await health()).toEqual({ status: 'WARNING', message: 'High error rate in 1 engines, or not running' });
});

test('what has fallen silent counts no more, and is told of', async () => {
  const silent = await beat('left', [engine()]);
  const superuser = await queue.superuser();
  await superuser.rows(`update steadytext_workers set heartbeat_at = now() - interval '1 minute'`);
  expect(await models()).toMatchObject([{ workers_total: 0 }, { workers_total: 0 }]);
  expect(await reader.rows('select * from steadytext_daemon_status()')).toMatchObject([
    { status: 'unhealthy', daemon_running: false },
  ]);
  expect(await health()).toMatchObject({ status: 'ERROR' });
  await beat('right', [engine({ requests: 100, errors: 11 })]);
  expect(await reader.rows('select worker_id from steadytext_system_status()')).not.toContainEqual({
    worker_id: silent,
  });
  expect(await health()).toEqual({
    status: 'WARNING',
    message: '1 workers fell silent; High error rate in 1 engines, or not running',
  });
});

test('a worker of an older release tells less, and that is no error', async () => {
  const worker = await queue.worker();
  const old = [{ pid: 7, state: 'ready', residentBytes: MB, running: 0, restarts: 0, models: [] }];
  await worker.client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', $2, '[]', 'n')`, [
    worker.id,
    JSON.stringify(old),
  ]);
  expect(await reader.rows('select * from daemon_pool_status')).toMatchObject([
    { state: 'idle', last_used: null, request_count: '0', avg_response_time_ms: null },
  ]);
  expect(await reader.rows('select * from steadytext_memory_usage()')).toMatchObject([{ total_memory_mb: null }]);
});

test('without a side channel a preload is asked for with the transaction, and says why it is not waited for', async () => {
  await beat('left', [engine()]);
  const boss = await queue.session('boss', ['steadytext_admin']);
  const [told] = await boss.rows('select * from steadytext_preload_models()');
  expect(told).toMatchObject({ worker: 'left', state: 'asked' });
  expect(told!.detail).toMatch(/^does it when this transaction commits; not waited for: .* side channel/);
});

test('a provider’s model is loaded wherever it is served, and takes no memory here', async () => {
  const worker = await queue.worker();
  const remote = { name: 'elsewhere:large', kind: 'text', digest: null, max_tokens: 8192 };
  await worker.beat(2048, { models: [...MODELS, remote], engines: [engine()] });
  expect(await models()).toContainEqual({
    ...{ model: 'elsewhere:large', model_loaded: true, workers_loaded: 1, workers_total: 1, memory_bytes: 0 },
  });
});
