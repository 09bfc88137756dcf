// A worker whose text model cannot be had: it does not start, or answers with words that no model made where that is asked for.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { bringTinyModels } from '../inference/engine/tiny-models.ts';
import { useDatabase } from '../support/database.ts';
import { runSteadytext, startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

test('words in place of a text model that is not there, and none in place of an embedding model', {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  const brought = join(folder, 'brought');
  mkdirSync(brought);
  bringTinyModels(brought);
  rmSync(join(brought, 'tiny-text-weights'));
  const env = {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(folder, 'cache'),
    STEADYTEXT_MODEL_DIR: brought,
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_WORKER_NAME: 'poor',
  };
  expect(await runSteadytext(['worker'], env)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('tiny-text'),
  });

  const asked = { ...env, STEADYTEXT_FALLBACK: 'on' };
  const worker = startSteadytext(['worker'], asked);
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  await worker.printed(/^worker poor ready: 1 engine, tiny-embedding in \w+, no model for tiny-text$/m);
  expect(worker.stderr()).toContain('"fallback in place of a model"');
  const app = await database.login(['steadytext_writer']);
  const [{ id, vector }] = await database.query(
    app,
    `select steadytext_generate_async('a prompt', model => 'tiny-text') as id, steadytext_embed_async('inn', model => 'tiny-embedding') as vector`,
  );
  await database.query(
    app,
    `select steadytext_get_async_result('${id}', 30), steadytext_get_async_result_embedding('${vector}', 30)`,
  );
  const [row] = await database.query(app, `select result, receipt from steadytext_requests where request_id = '${id}'`);
  expect(row.result).toMatch(/^No model was there to answer this\. /);
  expect(row.receipt).toMatchObject({ model: 'tiny-text', fallback: true, finish: 'end' });
  const [{ receipt }] = await database.query(
    app,
    `select receipt from steadytext_requests where request_id = '${vector}'`,
  );
  expect(receipt).not.toHaveProperty('fallback');
  const verify = () => database.query(app, `select steadytext_verify('${id}') as said`).then(([{ said }]) => said);
  const { verification } = await verify();
  await database.query(app, `select steadytext_get_async_result('${verification}', 30)`);
  expect(await verify()).toMatchObject({ verdict: 'same' });
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);

  rmSync(join(brought, 'tiny-embedding-weights'));
  rmSync(join(folder, 'cache'), { recursive: true });
  expect(await runSteadytext(['worker'], asked)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('tiny-embedding'),
  });
});
