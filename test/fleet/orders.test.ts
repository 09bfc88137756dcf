// A running worker does what SQL asks of the fleet: opens and closes models, waits while it is paused, takes bounds over.

import { expect, onTestFinished, test } from 'vitest';
import type { MortalEngine } from '../../workers/fleet/mortal-engine.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const TEXT = 'smollm2-135m-instruct';
const EMBEDDING = 'all-minilm-l6-v2';
/** Heartbeats that come too late to be what a test waits for: a notice has to do it. */
const SELDOM = { heartbeatMs: 3_600_000 };

async function asAdmin() {
  const client = await database.connect(await database.login(['steadytext_admin']));
  onTestFinished(() => client.end());
  return async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
}

/** Of each model how many engines have it open. */
async function openIn(rows: Awaited<ReturnType<typeof asAdmin>>): Promise<Record<string, number>> {
  const open = await rows('select model, count(*)::int as engines from steadytext_model_memory_usage() group by model');
  return Object.fromEntries(open.map(({ model, engines }) => [model, engines]));
}

function engines() {
  const started: EchoEngine[] = [];
  const startEngine = async (): Promise<MortalEngine> => {
    const engine = echoEngine();
    started.push(engine);
    return engine;
  };
  return { started, startEngine };
}

test('models are closed and opened again at a word from SQL, and with the last one an engine gives its memory back', async () => {
  const { started, startEngine } = engines();
  const rows = await asAdmin();
  await startTestWorker(database, { env: { STEADYTEXT_ENGINES: '2' }, startEngine, timings: SELDOM });
  const answered = async (order: string) => {
    await rows(`select steadytext_${order}`);
    const left = `select count(*)::int as left from steadytext_private.fleet_orders o
                  where not exists (select from steadytext_private.order_answers a where a.order_id = o.order_id)`;
    await waitFor(async () => (await database.query(database.superuserUrl, left))[0].left === 0, 'an answer');
    const last = 'select done, detail from steadytext_private.order_answers order by answered_at desc limit 1';
    return (await database.query(database.superuserUrl, last))[0];
  };
  expect(await openIn(rows)).toEqual({ [TEXT]: 2, [EMBEDDING]: 2 });
  expect(await answered(`unload_models('${TEXT}', 0)`)).toEqual({ done: true, detail: `closed: ${TEXT}` });
  expect(await openIn(rows)).toEqual({ [EMBEDDING]: 2 });
  expect(started).toHaveLength(2);
  const both = `${TEXT}, ${EMBEDDING}`;
  expect(await answered('unload_models(timeout_seconds => 0)')).toEqual({ done: true, detail: `closed: ${both}` });
  expect(await openIn(rows)).toEqual({});
  expect(started, 'each in place of one that had ended').toHaveLength(4);
  expect(await answered('preload_models(timeout_seconds => 0)')).toEqual({ done: true, detail: `open: ${both}` });
  expect(await openIn(rows)).toEqual({ [TEXT]: 2, [EMBEDDING]: 2 });
  await rows(`select steadytext_config_set('max_model_memory', '1MB')`);
  onTestFinished(async () => void (await rows(`select steadytext_config_reset('max_model_memory')`)));
  expect(await answered('preload_models(timeout_seconds => 0)')).toEqual({
    done: false,
    detail: `open: ${TEXT}; not open, since not all fit: ${EMBEDDING}`,
  });
  const [{ restarts }] = await rows(`select engines -> 0 ->> 'restarts' as restarts from steadytext_workers`);
  expect(restarts, 'none of them died').toBe('0');
});

test('a model in use stays open, and is named', async () => {
  const { started, startEngine } = engines();
  const rows = await asAdmin();
  const worker = await startTestWorker(database, { startEngine, timings: SELDOM });
  const [{ id }] = await rows(`select steadytext_generate_async('forever', 4000, use_cache => false) as id`);
  await waitFor(() => started[0]!.generating.size > 0, 'a generation');
  await rows('select steadytext_unload_models(timeout_seconds => 0)');
  const answers = 'select done, detail from steadytext_private.order_answers where worker_id = $1';
  const [answer] = await waitFor(async () => {
    const found = await database.query(database.superuserUrl, answers, [worker.id]);
    return found.length > 0 ? found : undefined;
  }, 'an answer');
  expect(answer).toEqual({ done: false, detail: `in use: ${TEXT}, ${EMBEDDING}` });
  await rows('select steadytext_cancel_async($1)', [id]);
});

test('a paused fleet begins nothing until it is resumed, and a notice that anybody sends changes nothing', async () => {
  const rows = await asAdmin();
  await startTestWorker(database);
  expect(await rows('select steadytext_daemon_stop() as seen')).toEqual([{ seen: true }]);
  onTestFinished(async () => void (await rows('select steadytext_daemon_start()')));
  await startTestWorker(database);
  const [{ id }] = await rows(`select steadytext_embed_async('waits', use_cache => false) as id`);
  const nobody = await database.connect(await database.login([]));
  for (const payload of ['fleet', 'resume fleet', 'unload'])
    await nobody.query(`notify steadytext_control, '${payload}'`);
  await nobody.query('notify steadytext_queue');
  await nobody.end();
  const claims = `select count(*)::int as workers from steadytext_workers where heartbeat_at > clock_timestamp() - interval '1 s'`;
  await waitFor(async () => (await rows(claims))[0].workers >= 2, 'both workers');
  expect(await rows('select status from steadytext_requests where request_id = $1', [id])).toEqual([
    { status: 'pending' },
  ]);
  expect(await rows('select steadytext_daemon_start() as seen')).toEqual([{ seen: true }]);
  expect(await rows('select steadytext_get_async_result_embedding($1, 20) as it', [id])).toEqual([
    { it: [5, 2.5, 1.6666666, 1.25] },
  ]);
});

test('bounds that settings set reach the engines, those of a worker in equal parts, and figures of what ran reach SQL', async () => {
  const { started, startEngine } = engines();
  const rows = await asAdmin();
  const timings = { heartbeatMs: 50 };
  await startTestWorker(database, { env: { STEADYTEXT_ENGINES: '2' }, startEngine, timings });
  const set = (name: string, value: string) => rows('select steadytext_config_set($1, $2)', [name, value]);
  const names = ['max_model_memory', 'model_memory_limit', 'max_memory_per_request'];
  onTestFinished(async () => {
    for (const name of names) await rows('select steadytext_config_reset($1)', [name]);
  });
  await set('max_model_memory', '600MB');
  await set('max_memory_per_request', '16MB');
  const told = (modelMb: number) =>
    waitFor(() => started.every(({ bounds }) => bounds?.modelBytes === modelMb * 2 ** 20), `${modelMb} MB`);
  await told(600);
  await set('model_memory_limit', '800MB');
  await told(400);
  expect(started[0]!.bounds!.requestBytes).toBe(16 * 2 ** 20);
  // An engine that takes the place of another has them from its start.
  started[0]!.crash({ code: 1 });
  await waitFor(() => started.length === 3 && started[2]!.bounds?.modelBytes === 400 * 2 ** 20, 'the next engine');

  const [{ id }] = await rows(`select steadytext_generate_async('counted', 20, use_cache => false) as id`);
  await rows('select steadytext_get_async_result($1, 20)', [id]);
  const figures =
    'select sum(request_count)::int as requests, max(last_used) as used, max(avg_response_time_ms) as ms from daemon_pool_status';
  const [counted] = await waitFor(async () => {
    const found = await rows(figures);
    return found[0].requests > 0 ? found : undefined;
  }, 'figures');
  expect(counted).toMatchObject({ used: expect.any(Date), ms: expect.any(Number) });
  const [memory] = await rows('select * from steadytext_memory_usage()');
  expect(memory!.used_memory_mb).toBeGreaterThan(0);
  expect(memory!.total_memory_mb).toBeGreaterThan(memory!.used_memory_mb);
});
