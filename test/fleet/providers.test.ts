// Models of providers beside those of engines: who gets what, what a provider that is away costs, and a request through SQL.

import { expect, onTestFinished, test } from 'vitest';
import { inputHash, outputHash } from '../../workers/handlers/receipt.ts';
import { type Answer, startProvider, status, well } from '../inference/provider/support/provider-server.ts';
import { KEY, readOne } from '../inference/provider/support/started.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { dispatching } from './support/dispatching.ts';
import { echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { claimed, generation, kept, until } from './support/parts.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const asked = (prompt: string) => generation(prompt, { model: 'test:big' });

async function withProvider(answer: Answer, more: Parameters<typeof dispatching>[0] = {}, changes: object = {}) {
  const server = await startProvider(answer);
  const providers = [readOne(server.url, { timeout_seconds: 60, ...changes })];
  const parts = await dispatching({ providers, ...more });
  const limits = () =>
    Object.fromEntries(
      parts.dispatcher.demands().map(({ requestType, model, limit }) => [`${requestType} ${model}`, limit]),
    );
  return { ...parts, server, limits };
}

test('engines have their places, and each model of a provider its own', async () => {
  const { limits } = await withProvider(well, { engines: 2 });
  const alone = await dispatching({ engines: 2 });
  const theirs = Object.fromEntries(
    alone.dispatcher.demands().map(({ requestType, model, limit }) => [`${requestType} ${model}`, limit]),
  );
  expect(limits()).toEqual({
    ...theirs,
    ...{ 'generate test:big': 8, 'generate test:other': 8, 'embed test:vectors': 256, 'rerank test:vectors': 4 },
    ...{
      'summarize test:big': 8,
      'summarize test:other': 8,
      'extract_facts test:vectors': 4,
      'deduplicate_facts test:vectors': 4,
    },
  });
});

test('a provider that is left alone takes nothing, what it was not sent goes back with no attempt used, and engines go on', async () => {
  const { dispatcher, endings, released, server, limits, held } = await withProvider(status(500));
  const here = Object.keys(limits()).filter((name) => !name.includes('test:'));
  const some = Array.from({ length: 8 }, (_, i) => asked(`p${i}`));
  dispatcher.accept(some);
  await until('all have ended', () => endings.size === 8);
  expect([...endings.values()]).toEqual(
    Array(8).fill({ outcome: 'retry', error: 'ProviderFailed: test answered 500' }),
  );
  expect(Object.keys(limits())).toEqual(here);
  // Claimed just before.
  const late = [asked('late'), claimed({ model: 'test:vectors' })];
  dispatcher.accept(late);
  await until('they are handed back', () => released.length === 2);
  expect(released).toEqual(late.map(({ requestId }) => requestId));
  expect(late.some(({ requestId }) => held.get(requestId) !== undefined)).toBe(false);
  expect(server.asked).toHaveLength(8);
  const local = generation('local');
  dispatcher.accept([local]);
  await until('a local one ends', () => endings.has(local.requestId));
  expect(endings.get(local.requestId)).toMatchObject({ outcome: 'completed', result: 'local' });
});

test('what waits behind its failing calls goes back; where the database does not take it, it has used an attempt', async () => {
  for (const taken of [true, false]) {
    const busy = status(429, { 'retry-after': '60' });
    const { dispatcher, endings, released } = await withProvider(busy, { releases: () => taken }, { concurrent: 1 });
    const batches = Array.from({ length: 40 }, () => claimed({ model: 'test:vectors' }));
    dispatcher.accept(batches);
    // 32 texts are one call that fails for all of them and is not tried singly; eight wait behind it.
    await until('all are gone', () => endings.size + released.length === 40);
    expect(released).toHaveLength(taken ? 8 : 0);
    expect([...endings.values()].every(({ outcome }) => outcome === 'retry')).toBe(true);
  }
});

test('a batch that is refused runs singly: only the guilty text fails', async () => {
  const guilty: Answer = (one, response) =>
    one.body.input.includes('bad') ? status(400)(one, response) : well(one, response);
  const { dispatcher, endings, server } = await withProvider(guilty);
  const texts = ['a', 'bad', 'ccc'].map((prompt) => claimed({ model: 'test:vectors', prompt }));
  dispatcher.accept(texts);
  await until('all have ended', () => endings.size === 3);
  expect(texts.map(({ requestId }) => endings.get(requestId)!.outcome)).toEqual(['completed', 'failed', 'completed']);
  expect(endings.get(texts[1]!.requestId)!.error).toBe('InvalidInput: test answered 400');
  expect(server.asked).toHaveLength(4);
});

test('a key that is refused fails each request once, at once', async () => {
  const { dispatcher, endings, server } = await withProvider(status(401));
  dispatcher.accept([claimed({ model: 'test:vectors' }), claimed({ model: 'test:vectors' })]);
  await until('both have ended', () => endings.size === 2);
  for (const ending of endings.values())
    expect(ending).toEqual({
      outcome: 'failed',
      error: expect.stringMatching(/^ProviderRefused: .*the variable TEST_KEY/),
    });
  expect(server.asked).toHaveLength(1);
});

test('a slow provider is no engine that hangs, and is none of those that a worker must have', async () => {
  const { dispatcher, pool, server, engines } = await withProvider(() => undefined, { mostStarts: 1 });
  dispatcher.accept([asked('a')]);
  await until('the call comes', () => server.asked.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 250));
  await pool.watch();
  expect(server.open).toBe(1);
  expect(pool.emptyWatches).toBe(0);
  engines[0]!.crash({ code: 1 });
  await until('no engine is ready', () => pool.seats.every(({ state }) => state !== 'ready'));
  await pool.watch();
  await until('it is counted', () => pool.emptyWatches > 0);
  expect(dispatcher.isolatedLimit()).toBe(0);
});

test('from SQL to a provider and back: only with unsafe_mode, marked as not deterministic, and never the key in a line', async () => {
  const server = await startProvider();
  const { lines, log } = kept();
  await startTestWorker(database, {
    log,
    providers: [readOne(server.url)],
    models: async () => ECHO_MODELS,
    startEngine: async () => echoEngine(),
  });
  const client = await database.connect(await database.login(['steadytext_writer']));
  onTestFinished(() => client.end());
  const one = async (text: string, values: unknown[] = []) =>
    Object.values((await client.query(text, values)).rows[0]!)[0] as never;

  await expect(one(`select steadytext_generate_async('secret words', model => 'test:big')`)).rejects.toThrow(
    /unsafe_mode=TRUE/,
  );
  await expect(
    one(
      `insert into steadytext_queue (request_type, prompt, params) values ('embed', 'x', '{"model": "test:vectors"}')`,
    ),
  ).rejects.toThrow(/unsafe_mode=TRUE/);
  expect(server.asked).toEqual([]);

  const id = await one(
    `select steadytext_generate_async('secret words', 20, model => 'test:big', unsafe_mode => true)`,
  );
  expect(await one('select steadytext_get_async_result($1, 20)', [id])).toBe('SECRET WORDS');
  const { rows } = await client.query('select * from steadytext_requests');
  expect(rows[0]).toMatchObject({ model: 'test:big', model_digest: null, tokens_in: 5, tokens_out: 7 });
  expect(rows[0].receipt).toEqual({
    ...{ model: 'test:big', provider: 'test', deterministic: false, answered_by: 'big-2026-01-01', finish: 'end' },
    parameters: { max_tokens: 20, stop: [], temperature: 0, seed: 42 },
    ...{ input: inputHash(['secret words']), output: outputHash('SECRET WORDS'), tokens_in: 5, tokens_out: 7 },
  });
  expect(await one('select steadytext_verify($1)', [id])).toEqual({
    ...{ verdict: 'not comparable', verification: null, was: { deterministic: false } },
  });
  expect(server.asked).toHaveLength(1);

  const vector = await one(`select steadytext_embed_async('four', model => 'test:vectors', unsafe_mode => true)`);
  expect(await one('select steadytext_get_async_result_embedding($1, 20)', [vector])).toEqual([4, 0.5, -1]);
  const models = await client.query(
    `select name, kind, is_default, digest, dimension from steadytext_models where name ~ ':' order by 1`,
  );
  expect(models.rows).toEqual([
    { name: 'test:big', kind: 'text', is_default: false, digest: null, dimension: null },
    { name: 'test:other', kind: 'text', is_default: false, digest: null, dimension: null },
    { name: 'test:vectors', kind: 'embedding', is_default: false, digest: null, dimension: 3 },
  ]);

  // After a pause that the provider asks for the same request is tried again, and ends.
  server.answer = status(429, { 'retry-after': '0.1' }, { message: KEY });
  const again = await one(
    `select steadytext_generate_async('more words', 20, model => 'test:big', unsafe_mode => true)`,
  );
  await waitFor(() => server.asked.length === 3, 'the first attempt', 10_000);
  server.answer = well;
  expect(await one('select steadytext_get_async_result($1, 20)', [again])).toBe('MORE WORDS');
  server.answer = status(401, {}, { message: KEY });
  const refused = await one(`select steadytext_generate_async('last words', model => 'test:big', unsafe_mode => true)`);
  await expect(one('select steadytext_get_async_result($1, 20)', [refused])).rejects.toThrow(
    /ProviderRefused: test answered 401/,
  );
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['provider left alone', 'provider asked again']));
  const said = JSON.stringify([lines, (await client.query('select * from steadytext_requests')).rows]);
  expect(said).not.toContain(KEY);
  expect(JSON.stringify(lines)).not.toContain('words');
});
