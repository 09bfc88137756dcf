// A worker with a cross-encoder beside its other models: rerankings go there by name, and all of them once it is the default.
// And what embed requests say of long texts, from SQL to the engine and back.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { missingDefaults } from '../../workers/commands/missing-defaults.ts';
import type { Config } from '../../workers/config.ts';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { bringTinyModels } from '../inference/engine/tiny-models.ts';
import { useDatabase } from '../support/database.ts';
import { startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

test('a cross-encoder is served, by name and as the default', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const brought = join(folder, 'brought');
  mkdirSync(brought);
  bringTinyModels(brought);
  const worker = startSteadytext(['worker', '--reranking-model', 'tiny-reranking'], {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(folder, 'cache'),
    STEADYTEXT_MODEL_DIR: brought,
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_WORKER_NAME: 'a\x1b[31m\nb',
  });
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  // What is in its name is shown, as `status` does, and not obeyed by the terminal.
  await worker.printed(
    /^worker a\\x1B\[31m\\x0Ab ready: 1 engine, tiny-text and tiny-embedding .*tiny-reranking in nb8$/m,
  );
  const [app, admin] = [await database.login(['steadytext_writer']), await database.login(['steadytext_admin'])];

  const finished = async (call: string) => {
    const [{ id }] = await database.query(app, `select ${call} as id`);
    // Raises for a request that has failed, with its error.
    await database.query(app, `select steadytext_get_async_result('${id}', 60)`).catch(() => undefined);
    const [row] = await database.query(
      app,
      `select status, model, result, error, receipt from steadytext_requests where request_id = '${id}'`,
    );
    return row;
  };
  const rerank = (model: string) => finished(`steadytext_rerank_async('the inn', array['a ring', 'the inn']${model})`);
  const byName = await rerank(`, model => 'tiny-reranking'`);
  expect(byName).toMatchObject({
    status: 'completed',
    model: 'tiny-reranking',
    error: null,
    receipt: { format: 'nb8' },
  });
  const scores = JSON.parse(byName.result).map(({ score }: { score: number }) => score);
  expect(scores).toHaveLength(2);
  expect(scores[0] > scores[1] && scores[0] < 1 && scores[1] > 0).toBe(true);

  const byEmbeddings = await rerank(`, model => 'tiny-embedding'`);
  expect(byEmbeddings).toMatchObject({ status: 'completed', model: 'tiny-embedding' });
  await database.query(admin, `select steadytext_set_default_model('tiny-reranking')`);
  expect(await rerank('')).toMatchObject({ model: 'tiny-reranking', result: byName.result });

  const long = `repeat('far ', 50), model => 'tiny-embedding'`;
  const embed = (option: string) => finished(`steadytext_embed_async(${long}${option})`);
  expect(await embed('')).toMatchObject({ status: 'completed', receipt: { truncated: true } });
  const averaged = await embed(`, on_long_text => 'average'`);
  expect(averaged).toMatchObject({ status: 'completed', receipt: { chunks: 4 } });
  expect(averaged.receipt).not.toHaveProperty('truncated');
  expect(await embed(`, on_long_text => 'refuse'`)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(
      /^InputTooLong: expected a text of at most 48 tokens for tiny-embedding, one of 152 came/,
    ),
  });
  expect(await embed(`, dimension => 8`)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^InvalidInput: expected an embedding of tiny-embedding to have 64 numbers/),
  });
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);

  // Told by a worker that has another one, and not by one that has none to put in its place.
  const config = { databaseUrl: database.workerUrl, schema: 'steadytext', workerName: 'next' };
  const models: Pick<Config, 'textModel' | 'embeddingModel'> = {
    textModel: ['tiny-text'],
    embeddingModel: ['tiny-embedding'],
  };
  const kinds = async (rerankingModel: Config['rerankingModel']) =>
    (await missingDefaults({ ...config, ...models, rerankingModel })).map(({ kind, served }) => [kind, served]);
  const others = [
    ['text', 'tiny-text'],
    ['embedding', 'tiny-embedding'],
  ];
  expect(await kinds(undefined)).toEqual(others);
  expect(await kinds(['my-reranker'])).toEqual([others[0], ['reranking', 'my-reranker'], others[1]]);
});
