import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { inputHash, outputHash } from '../../workers/handlers/receipt.ts';
import { createLogger } from '../../workers/log.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();

async function asWriter() {
  const client = await database.connect(await database.login(['steadytext_writer']));
  onTestFinished(() => client.end());
  const rows = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
  const one = async (text: string, values: unknown[] = []) => Object.values((await rows(text, values))[0])[0];
  return { client, rows, one };
}

test('what SQL enqueues, a worker runs, and SQL reads', async () => {
  await startTestWorker(database);
  const { one } = await asWriter();
  const id = await one(`select steadytext_generate_async('hello', max_tokens => 20)`);
  expect(await one('select steadytext_get_async_result($1, 20)', [id])).toBe('hello');

  const embed = await one(`select steadytext_embed_async('four')`);
  expect(await one('select steadytext_get_async_result_embedding($1, 20)', [embed])).toEqual([4, 2, 1.3333334, 1]);

  const rerank = await one(`select steadytext_rerank_async('cat', array['a dog', 'a cat'])`);
  expect(await one('select steadytext_get_async_result_json($1, 20)', [rerank])).toEqual([
    { index: 1, document: 'a cat', score: 1 },
    { index: 0, document: 'a dog', score: 0.5 },
  ]);
});

test('a result says where it came from, and the logs have a row each', async () => {
  await startTestWorker(database);
  const { one } = await asWriter();
  const id = await one(`select steadytext_generate_async('where from', max_tokens => 20)`);
  await one('select steadytext_get_async_result($1, 20)', [id]);
  const [row] = await database.query(database.superuserUrl, 'select * from steadytext_requests where request_id = $1', [
    id,
  ]);
  expect(row).toMatchObject({ status: 'completed', tokens_in: 10, tokens_out: 10, model_digest: 'a'.repeat(64) });
  expect(row.receipt).toEqual({
    model: 'smollm2-135m-instruct',
    digest: 'a'.repeat(64),
    format: 'nb8',
    converter: 1,
    engine: 'echo-1',
    onnxruntime: 'none',
    cpu_class: 'any',
    longest: 8192,
    parameters: { max_tokens: 20, stop: [], temperature: 0, seed: 42 },
    input: inputHash(['where from']),
    output: outputHash('where from'),
    tokens_in: 10,
    tokens_out: 10,
    finish: 'end',
  });
  for (const log of ['steadytext_request_log', 'steadytext_audit_log']) {
    const text = `select count(*)::int as rows from ${log} where request_id = $1`;
    expect(await database.query(database.superuserUrl, text, [id])).toEqual([{ rows: 1 }]);
  }
});

test('thousands of requests are each settled once', async () => {
  const worker = await startTestWorker(database, { env: { STEADYTEXT_EMBED_BATCH: '200' } });
  const { one } = await asWriter();
  const count = `select count(*)::int from steadytext_requests where prompt like 'many %' and status = 'completed'`;
  await one(
    `select cardinality(steadytext_embed_batch_async(array(select 'many ' || i from generate_series(1, 3000) i)))`,
  );
  await waitFor(async () => (await one(count)) === 3000, '3000 completed requests');
  expect(worker.stats()).toMatchObject({ written: 3000, fenced: 0, lost: 0 });
});

test('the worker tells of itself, and takes its row away when it ends', async () => {
  const worker = await startTestWorker(database, { env: { STEADYTEXT_WORKER_NAME: 'worker-a' } });
  const row = async () =>
    (
      await database.query(database.superuserUrl, 'select * from steadytext_workers where worker_id = $1', [worker.id])
    )[0];
  const about = { name: 'worker-a', host: hostname(), pid: process.pid, version: '0.0.0-test' };
  expect(await row()).toMatchObject({ state: 'running', ...about });
  expect((await row()).models.map(({ name }: { name: string }) => name)).toEqual([
    'smollm2-135m-instruct',
    'all-minilm-l6-v2',
  ]);
  await worker.drain();
  expect(await row()).toBeUndefined();
});

test('cancelling stops a running generation', async () => {
  const engine = echoEngine();
  const worker = await startTestWorker(database, { startEngine: async () => engine });
  const { one } = await asWriter();
  const id = await one(`select steadytext_generate_async('forever and ever')`);
  await waitFor(() => engine.generating.size === 1, 'the generation to run');
  expect(await one('select steadytext_cancel_async($1)', [id])).toBe(true);
  await waitFor(() => engine.generating.size === 0, 'the generation to stop', 900);
  expect(await one('select status from steadytext_check_async($1)', [id])).toBe('cancelled');
  expect(worker.stats()).toMatchObject({ written: 0, lost: 1 });
});

test('cancelling stops a running rerank', async () => {
  let texts = 0;
  const engine = echoEngine({
    onText: () => {
      texts++;
      return new Promise((resolve) => setTimeout(resolve, 5));
    },
  });
  const worker = await startTestWorker(database, { startEngine: async () => engine });
  const { one } = await asWriter();
  const documents = `array(select 'document ' || i from generate_series(1, 1000) i)`;
  const id = await one(`select steadytext_rerank_async('query', ${documents})`);
  await waitFor(() => texts > 3, 'the rerank to run');
  expect(await one('select steadytext_cancel_async($1)', [id])).toBe(true);
  await waitFor(() => worker.stats().engines[0]!.running === 0, 'the rerank to stop', 900);
  expect(texts).toBeLessThan(300);
  expect(worker.stats()).toMatchObject({ written: 0, lost: 1 });
});

test('draining hands back what runs at the deadline without using up an attempt', async () => {
  const engine = echoEngine();
  const worker = await startTestWorker(database, {
    startEngine: async () => engine,
    env: { STEADYTEXT_DRAIN_SECONDS: '0.2' },
  });
  const { one, rows } = await asWriter();
  const ids = await one(
    `select steadytext_generate_batch_async(array(select 'forever ' || i from generate_series(1, 12) i))`,
  );
  await waitFor(() => engine.generating.size === 8, 'eight generations to run');
  await worker.drain();
  const status = `select status, retry_count, lease_token from steadytext_requests where request_id = any ($1)`;
  const after = await rows(status, [ids]);
  expect(after.map((row) => [row.status, row.retry_count])).toEqual(Array(12).fill(['pending', 0]));
  await rows('select steadytext_cancel_async(id) from unnest($1::uuid[]) id', [ids]);
});

test('leaving at once says how many it held, and nothing of being drained or of the connections it closed', async () => {
  const engine = echoEngine();
  const lines: { level: string; msg: string; requests?: number }[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const worker = await startTestWorker(database, {
    startEngine: async () => engine,
    log,
    env: { STEADYTEXT_DRAIN_SECONDS: '600' },
  });
  const { one, rows } = await asWriter();
  const ids = await one(
    `select steadytext_generate_batch_async(array(select 'forever ' || i from generate_series(1, 8) i))`,
  );
  await waitFor(() => engine.generating.size === 8, 'eight generations to run');
  const draining = worker.drain();
  await worker.stopNow();
  await draining;
  const trouble = lines.filter(({ level, msg }) => level !== 'info' || msg === 'worker drained');
  expect(trouble).toEqual([expect.objectContaining({ msg: 'left at once', requests: 8 })]);
  const status = 'select distinct status from steadytext_requests where request_id = any ($1)';
  expect(await rows(status, [ids])).toEqual([{ status: 'processing' }]);
  await rows('select steadytext_cancel_async(id) from unnest($1::uuid[]) id', [ids]);
});

test('an engine that dies does not take its requests along', async () => {
  const deaths: string[] = [];
  const startEngine = async () =>
    echoEngine({
      onText: (text, engine) => {
        if (text !== 'deadly' || deaths.length > 0) return;
        deaths.push(text);
        engine.crash({ signal: 'SIGSEGV' });
      },
    });
  await startTestWorker(database, { startEngine });
  const { one } = await asWriter();
  const ids = await one(`select steadytext_embed_batch_async(array['one', 'deadly', 'three'])`);
  const done = `select count(*)::int from steadytext_requests where request_id = any ($1) and status = 'completed' and isolated`;
  await waitFor(async () => (await one(done, [ids])) === 3, 'all three to complete, alone');
  expect(deaths).toHaveLength(1);
});

test('a result that PostgreSQL cannot store fails alone, and its mates are stored', async () => {
  await startTestWorker(database);
  const { one, rows } = await asWriter();
  const ids = await one(`select steadytext_generate_batch_async(array['one', 'nul', 'three'])`);
  const settled = `select count(*)::int from steadytext_requests where request_id = any ($1) and completed_at is not null`;
  await waitFor(async () => (await one(settled, [ids])) === 3, 'all three to end');
  const status = 'select status, result, error from steadytext_requests where request_id = any ($1) order by id';
  expect(await rows(status, [ids])).toEqual([
    { status: 'completed', result: 'one', error: null },
    { status: 'failed', result: null, error: expect.stringContaining('expected a result that PostgreSQL can store') },
    { status: 'completed', result: 'three', error: null },
  ]);
});
