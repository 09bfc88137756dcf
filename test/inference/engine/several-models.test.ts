// An engine whose models do not all fit into its memory limit: the same bytes whoever had to go, and what it tells of it.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { Engine, ModelChange } from '../../../workers/inference/engine.ts';
import { createLocalEngine, type EngineOptions } from '../../../workers/inference/local-engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { tinyEncoder } from './tiny-encoders.ts';
import { makeTinyModels } from './tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());
const [text, embedding, reranking] = await Promise.all([
  tiny.text('nb8'),
  tiny.embedding('nb8'),
  tiny.reranking('nb8'),
]);
const other = await tiny.of('other-embedding', 'embedding', 'nb8', tinyEncoder(17).sources);

/** Each takes 24 MiB and a little. */
const ONE = { modelBytes: 40 * 2 ** 20 };

async function engineOf(options: EngineOptions, folders: readonly ModelFolder[], changes: ModelChange[] = []) {
  const engine = createLocalEngine(options, (change) => changes.push(change));
  onTestFinished(() => engine.close());
  for (const folder of folders) await engine.load(folder);
  return engine;
}

function everything(engine: Engine) {
  const texts = ['the inn', 'a ring of gold', 'far'];
  const rerank = (model: string) => engine.rerank({ model, query: 'inn', documents: texts });
  return [
    () => engine.embed({ model: 'tiny-embedding', texts }),
    () =>
      engine.generate({
        id: 'g',
        model: 'tiny-text',
        prompt: 'the ring',
        maxTokens: 30,
        stop: [],
        temperature: 0.7,
        seed: 3,
      }),
    () => engine.embed({ model: 'other-embedding', texts }),
    () => rerank('tiny-reranking'),
    () => rerank('tiny-embedding'),
  ];
}

test('the same bytes from models that were closed and opened again, one after the other and all at once', async () => {
  const all = [text, embedding, reranking, other];
  const roomy = await engineOf({}, all);
  const expected = [];
  for (const ask of everything(roomy)) expected.push(await ask());
  expect((await roomy.describe()).models.every(({ resident }) => resident)).toBe(true);

  const changes: ModelChange[] = [];
  const narrow = await engineOf(ONE, all, changes);
  const inTurn = [];
  for (const ask of everything(narrow)) inTurn.push(await ask());
  expect(inTurn).toEqual(expected);
  expect(await Promise.all(everything(narrow).map((ask) => ask()))).toEqual(expected);
  const { models } = await narrow.describe();
  expect(models.map(({ name }) => name)).toEqual(['tiny-text', 'tiny-embedding', 'tiny-reranking', 'other-embedding']);
  expect(models.filter(({ resident }) => resident)).toHaveLength(1);
  for (const { bytes } of models) expect(bytes).toBeGreaterThan(24 * 2 ** 20);
  const opened = changes.filter(({ change }) => change === 'opened');
  expect(opened.map((change) => 'why' in change && change.why).slice(0, 5)).toEqual([...all.map(() => 'load'), 'call']);
  // At most one is open at any time.
  let open = 0;
  for (const { change } of changes) {
    open += { opening: 1, opened: 0, 'not opened': -1, closed: -1 }[change];
    expect(open).toBeLessThanOrEqual(1);
  }
});

test('within a bound that is set while it runs, what was used least recently is closed, and what takes more is open alone', async () => {
  const engine = await engineOf({}, [text, embedding, reranking]);
  const open = async () => (await engine.describe()).models.flatMap(({ name, resident }) => (resident ? [name] : []));
  const bound = (mib: number) => engine.bound({ modelBytes: mib * 2 ** 20, requestBytes: Number.POSITIVE_INFINITY });
  await engine.embed({ model: 'tiny-embedding', texts: ['inn'] });
  await bound(60);
  expect(await open()).toEqual(['tiny-embedding', 'tiny-reranking']);
  await engine.open('tiny-text');
  expect(await open()).toEqual(['tiny-text', 'tiny-embedding']);
  await bound(1);
  expect(await open()).toEqual(['tiny-text']);
  await engine.embed({ model: 'tiny-embedding', texts: ['inn'] });
  expect(await open()).toEqual(['tiny-embedding']);
  await bound(Number.POSITIVE_INFINITY);
  await engine.open('tiny-text');
  expect(await open()).toEqual(['tiny-text', 'tiny-embedding']);
});

test('what is cancelled while its model is closed ends as cancelled', async () => {
  const engine = await engineOf(ONE, [text, reranking, embedding]);
  const running = engine.embed({ model: 'tiny-embedding', texts: Array.from({ length: 300 }, (_, i) => `inn ${i}`) });
  const ask = { model: 'tiny-text', prompt: 'inn', maxTokens: 5, stop: [], temperature: 0, seed: 1 };
  const waiting = [
    engine.generate({ id: 'g', ...ask }),
    engine.rerank({ id: 'r', model: 'tiny-reranking', query: 'a', documents: ['b'] }),
  ];
  for (const id of ['g', 'r']) engine.cancel(id);
  expect(await Promise.all(waiting)).toEqual([
    { text: '', tokensIn: 0, tokensOut: 0, finish: 'cancelled' },
    { scores: [], tokens: 0, truncated: false, chunks: 0, cancelled: true },
  ]);
  expect((await running).vectors).toHaveLength(300);
  const texts = engine.embed({ model: 'tiny-embedding', texts: ['inn'] });
  expect((await texts).cancelled).toEqual([false]);
});

test('one that is too large says what it takes, its memory for keys and values too', async () => {
  const engine = await engineOf({ modelBytes: 25 * 2 ** 20 }, []);
  await expect(engine.load(text)).rejects.toMatchObject({
    name: 'EngineTooSmall',
    message:
      "expected a model that fits into the 25 MiB of an engine's models, tiny-text takes about 26, 2 of it for keys and values",
  });
});

test('a model whose folder is gone is told as one that could not be opened again', async () => {
  const gone = await tiny.of('gone', 'embedding', 'nb8', tinyEncoder(19).sources);
  const changes: ModelChange[] = [];
  const engine = await engineOf(ONE, [gone, embedding], changes);
  rmSync(gone.path, { recursive: true });
  await expect(engine.embed({ model: 'gone', texts: ['inn'] })).rejects.toThrow();
  expect(changes.at(-1)).toEqual({ change: 'not opened', model: 'gone', why: 'call' });
  expect((await engine.embed({ model: 'tiny-embedding', texts: ['inn'] })).vectors).toHaveLength(1);
});

test('an engine process tells its parent as it happens, and ends while a model is waited for', async () => {
  const changes: ModelChange[] = [];
  const engine = startEngineProcess(ONE, {}, (change) => changes.push(change));
  await engine.load(reranking);
  await engine.load(embedding);
  const told = changes.map(({ change, model }) => `${change} ${model}`);
  expect(told).toEqual([
    ...['opening tiny-reranking', 'opened tiny-reranking', 'closed tiny-reranking'],
    ...['opening tiny-embedding', 'opened tiny-embedding'],
  ]);
  const waiting = engine.rerank({ model: 'tiny-reranking', query: 'a', documents: ['b'] });
  const rejected = expect(waiting).rejects.toMatchObject({ name: 'EngineDied' });
  await engine.close();
  await rejected;
});

/** prlimit comes with util-linux; data are the pages that a process may write. */
test.runIf(process.platform === 'linux')('memory that the system refuses a run is told as that', async () => {
  const engine = startEngineProcess({ groupTokens: 2 ** 20 });
  onTestFinished(() => engine.close());
  await engine.load(embedding);
  const taken = /VmData:\s+(\d+) kB/.exec(readFileSync(`/proc/${engine.pid}/status`, 'utf8'))![1];
  const allow = (bytes: number) => execFileSync('prlimit', ['--pid', String(engine.pid), `--data=${bytes}`]);
  allow(Number(taken) * 1024 + 16 * 2 ** 20);
  const texts = Array.from({ length: 2000 }, (_, i) => `${'far '.repeat(20)}${i}`);
  await expect(engine.embed({ model: 'tiny-embedding', texts })).rejects.toMatchObject({
    name: 'EngineOutOfMemory',
    message: expect.stringMatching(/^expected memory to run tiny-embedding: /),
  });
});
