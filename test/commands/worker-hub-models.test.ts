// A worker with models of the hub beside its own: both answer through SQL, and what nobody promises to come again says so.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { bringTinyModels } from '../inference/engine/tiny-models.ts';
import { folderOf, said, tinyDecoder } from '../inference/hub/tiny-hub.ts';
import { useDatabase } from '../support/database.ts';
import { runSteadytext, startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

test('a decoder of the hub beside the own models', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const brought = join(folder, 'brought');
  mkdirSync(brought);
  bringTinyModels(brought);
  const file = join(folder, 'hub.json');
  const env = {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(folder, 'cache'),
    STEADYTEXT_MODEL_DIR: brought,
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_HUB_MODELS: file,
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_WORKER_NAME: 'broad',
  };
  const refused = await runSteadytext(['worker'], env);
  expect(refused).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`expected a file that can be read, got ${file} (ENOENT)`),
  });

  const source = await folderOf(tinyDecoder());
  writeFileSync(file, JSON.stringify({ models: [{ name: 'hub/teller', kind: 'text', source, dtype: 'fp32' }] }));
  const worker = startSteadytext(['worker'], env);
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  await worker.printed(/^worker broad ready: 1 engine, tiny-text and tiny-embedding in \w+, hub\/teller in own/m);
  const app = await database.login(['steadytext_writer']);
  const ask = async (model: string) => {
    const [{ id }] = await database.query(
      app,
      `select steadytext_generate_async('once upon', max_tokens => 12, model => '${model}') as id`,
    );
    await database.query(app, `select steadytext_get_async_result('${id}', 30)`);
    const [row] = await database.query(
      app,
      `select r.result, r.tokens_in, r.receipt, steadytext_verify(r.request_id) as verified
       from steadytext_requests r where r.request_id = '${id}'`,
    );
    return row;
  };
  const told = await ask('hub/teller');
  expect(told).toMatchObject({
    result: said(told.tokens_in, 12),
    receipt: { model: 'hub/teller', deterministic: false, engine: expect.stringMatching(/^transformers\.js /) },
    verified: { verdict: 'not comparable' },
  });
  const own = await ask('tiny-text');
  expect(own).toMatchObject({ verified: { verdict: 'pending' } });
  expect(own.receipt).not.toHaveProperty('deterministic');

  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
