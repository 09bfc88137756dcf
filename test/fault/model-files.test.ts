// Model files that change or vanish under a running worker: no engine loads what nobody checked, and what is gone is made anew.

import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Running, startSteadytext } from '../commands/steadytext-process.ts';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { bringTinyModels } from '../inference/engine/tiny-models.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const database = useDatabase();
const asSuperuser = (text: string, values: unknown[] = []) => database.query(database.superuserUrl, text, values);

/** A worker with a tiny model of each kind, brought by hand, in a cache of its own. */
async function startTinyWorker() {
  const folder = temporaryFolder();
  const [modelDir, cacheDir] = [join(folder, 'brought'), join(folder, 'cache')];
  mkdirSync(modelDir);
  bringTinyModels(modelDir);
  const worker = startSteadytext(['worker', '--engines', '1', '--format', 'nb8'], {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_CACHE_DIR: cacheDir,
    STEADYTEXT_MODEL_DIR: modelDir,
    HF_ENDPOINT: 'http://127.0.0.1:9',
  });
  onTestFinished(async () => {
    worker.child.kill('SIGKILL');
    await worker.ended;
  });
  await worker.printed(/ ready: /);
  return { worker, cacheDir };
}

async function embed(): Promise<unknown> {
  const [{ id }] = await asSuperuser(`select steadytext_embed_async('a text', model => 'tiny-embedding') as id`);
  const [row] = await asSuperuser('select steadytext_get_async_result_embedding($1, 60) as embedding', [id]);
  return row.embedding;
}

async function killEngine({ child }: Running): Promise<void> {
  const engine = `select (engines -> 0 ->> 'pid')::int as pid from steadytext_workers where pid = $1`;
  const [{ pid }] = await asSuperuser(engine, [child.pid]);
  process.kill(pid, 'SIGKILL');
}

const timesReady = ({ stderr }: Running) => stderr().match(/"engine ready"/g)?.length ?? 0;

test('weights with other bits are not loaded by the next engine: the model is converted again, and answers as before', async () => {
  const { worker, cacheDir } = await startTinyWorker();
  const before = await embed();
  const [weights] = globSync(join(cacheDir, 'models/converted/tiny-embedding/*/graph.data'));
  const good = readFileSync(weights!);
  writeFileSync(
    `${weights}.new`,
    good.map((byte, i) => (i % 16 === 0 ? byte ^ 0x40 : byte)),
  );
  renameSync(`${weights}.new`, weights!);
  await killEngine(worker);
  await waitFor(() => timesReady(worker) === 2, 'the next engine');
  expect(await embed()).toEqual(before);
  expect(readFileSync(weights!)).toEqual(good);
  expect(worker.stderr()).toContain('"msg":"model.converted_damaged"');
});

test('weights that are changed in place under a running engine end it: the next one has the model as it was, converted again', async () => {
  const { worker, cacheDir } = await startTinyWorker();
  const before = await embed();
  const [weights] = globSync(join(cacheDir, 'models/converted/tiny-embedding/*/graph.data'));
  const good = readFileSync(weights!);
  writeFileSync(
    weights!,
    good.map((byte, i) => (i % 16 === 0 ? byte ^ 0x40 : byte)),
    { flag: 'r+' },
  );
  await waitFor(() => timesReady(worker) === 2, 'the next engine');
  expect(await embed()).toEqual(before);
  expect(readFileSync(weights!)).toEqual(good);
  expect(worker.stderr()).toMatch(/"reason":"model changed".*"engine killed"/);
});

test('models that have gone are fetched and converted again for the next engine', async () => {
  const { worker, cacheDir } = await startTinyWorker();
  const before = await embed();
  rmSync(join(cacheDir, 'models'), { recursive: true });
  await killEngine(worker);
  await waitFor(() => timesReady(worker) === 2, 'the next engine');
  expect(await embed()).toEqual(before);
});
