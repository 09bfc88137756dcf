// What a worker says of its models at the start: the formats that they are in, and, where they are others than the database's
// defaults, the statement that makes them the defaults.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tinyBert } from '../inference/convert/tiny-bert.ts';
import { tinyLlama } from '../inference/convert/tiny-llama.ts';
import { tinyOnnxBert } from '../inference/convert/tiny-onnx-bert.ts';
import { broughtFolder, embeddingSource, readyMadeSource, textSource } from '../inference/convert/tiny-source.ts';
import { useDatabase } from '../support/database.ts';
import { startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

test('defaults that nobody serves are told at the start until the statement that comes with them was run', async () => {
  const [text, embedding] = [textSource(tinyLlama(1).bytes), embeddingSource(tinyBert(1))];
  const env = {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(text.folder, 'cache'),
    STEADYTEXT_MODEL_DIR: broughtFolder(text, embedding),
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_MODEL_FORMAT: 'nb8',
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_LOG_LEVEL: 'warn',
  };
  const admin = await database.login(['steadytext_admin']);
  const warnings = async () => {
    const worker = startSteadytext(['worker'], env);
    onTestFinished(() => void worker.child.kill('SIGKILL'));
    await worker.printed(/^worker .* ready/m);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    const lines = worker
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'default model not served');
  };
  const both = await warnings();
  expect(both).toMatchObject([
    { level: 'warn', kind: 'text', default: 'smollm2-135m-instruct', served: 'tiny-text' },
    { level: 'warn', kind: 'embedding', default: 'all-minilm-l6-v2', served: 'tiny-embedding' },
  ]);
  await database.query(admin, both[1].statement);
  expect(await warnings()).toMatchObject([{ kind: 'text' }]);
  await database.query(admin, both[0].statement);
  expect(await warnings()).toEqual([]);
  const app = await database.login(['steadytext_writer']);
  await database.query(app, `select steadytext_generate_async('x'), steadytext_embed_async('x')`);
  expect(await database.query(app, 'select model from steadytext_requests order by id')).toEqual([
    { model: 'tiny-text' },
    { model: 'tiny-embedding' },
  ]);
});

test('a worker that is ready names the format that each of its models is in, of ready-made graphs too', async () => {
  const model = tinyBert(1);
  const { graph } = tinyOnnxBert(model, { location: 'model.onnx_data' });
  const [text, readyMade] = [textSource(tinyLlama(1).bytes), readyMadeSource({ ...model, bytes: graph })];
  const worker = startSteadytext(['worker', '--format', 'nb8'], {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(text.folder, 'cache'),
    STEADYTEXT_MODEL_DIR: broughtFolder(text, readyMade),
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_ENGINES: '1',
  });
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  await worker.printed(/^worker .* ready: 1 engine, tiny-text in nb8, tiny-embedding in own$/m);
});
