// A worker that serves two embedding models in an engine with memory for one: both answer through SQL, and the fleet says which is
// open.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { coresAreOfOneKind } from '../../workers/inference/run-threads.ts';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { bringTinyModels } from '../inference/engine/tiny-models.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { runSteadytext, startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

test('two embedding models in the memory of one', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const brought = join(folder, 'brought');
  mkdirSync(brought);
  bringTinyModels(brought, { embedders: ['other-embedding'] });
  const env = {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(folder, 'cache'),
    STEADYTEXT_MODEL_DIR: brought,
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding, other-embedding',
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_ENGINE_THREADS: '3',
    STEADYTEXT_WORKER_NAME: 'narrow',
  };
  const refused = await runSteadytext(['worker', '--engine-memory', '20'], env);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(
    "expected a model that fits into the 20 MiB of an engine's models, other-embedding takes",
  );

  const worker = startSteadytext(['worker', '--engine-memory', '40'], env);
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  await worker.printed(/^worker narrow ready: 1 engine, tiny-text and tiny-embedding and other-embedding in /m);
  const app = await database.login(['steadytext_writer']);
  const embed = async (model: string, texts: number) => {
    const ids = await database.query(
      app,
      `select steadytext_embed_async('inn ' || i, model => '${model}') as id from generate_series(1, ${texts}) i`,
    );
    return ids.map(({ id }) => `'${id}'`);
  };
  const ids = [...(await embed('tiny-embedding', 16)), ...(await embed('other-embedding', 16))];
  const done = await waitFor(async () => {
    const rows = await database.query(
      app,
      `select model, count(*)::int as requests, min(error) as error from steadytext_requests
        where request_id in (${ids.join()}) and status in ('completed', 'failed') group by model order by model`,
    );
    return rows.reduce((sum: number, { requests }) => sum + requests, 0) === 32 ? rows : undefined;
  }, 'all to have ended');
  expect(done).toEqual([
    { model: 'other-embedding', requests: 16, error: null },
    { model: 'tiny-embedding', requests: 16, error: null },
  ]);

  const logged = (text: string) =>
    worker
      .stderr()
      .split('\n')
      .filter((line) => line.includes(`"${text}"`))
      .map((line) => JSON.parse(line));
  const loaded = logged('model loaded').map(({ model, why }) => `${model} ${why}`);
  // The first of each kind last: it is open when the first request comes.
  expect(loaded.slice(0, 3)).toEqual(['other-embedding start', 'tiny-embedding start', 'tiny-text start']);
  expect(loaded).toContain('tiny-embedding request');
  expect(loaded).toContain('other-embedding request');
  // Three threads are asked for, and the text model has two heads of keys and values.
  const threads = logged('model loaded').slice(0, 3);
  expect(threads.map(({ threads, fewerThreads }) => [threads, fewerThreads])).toEqual(
    coresAreOfOneKind()
      ? [
          [3, undefined],
          [3, undefined],
          [2, 'heads of keys and values'],
        ]
      : Array(3).fill([1, 'cores of two kinds']),
  );
  expect(logged('model unloaded').length).toBeGreaterThanOrEqual(3);
  const closed = (name: string, more = '') => `${name} (${more}open in 0 of 1)`;
  const [most, text] = coresAreOfOneKind() ? ['3 threads', '2 threads, '] : ['1 thread', ''];
  const status = await waitFor(async () => {
    const { stdout } = await runSteadytext(['status', '--url', database.adminUrl]);
    return stdout.includes(closed('tiny-text', text)) ? stdout : undefined;
  }, 'the status to tell of closed models');
  expect(status).toContain(`│ 1 × ${most} │`);
  // Of the two it is open whose requests came last.
  expect([closed('tiny-embedding'), closed('other-embedding')].filter((one) => status.includes(one))).toHaveLength(1);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
