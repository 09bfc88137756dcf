// A result that is known is given again: to the same user, for the same request, while the same model is served.
import { expect, test } from 'vitest';
import { readText } from '../house/source-tree.ts';
import { requests, run, serve, stats, useServedDigest } from './support/cached.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
useServedDigest(queue);

test('the same request again is completed when it is enqueued, and nobody claims it', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  const [first] = await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  const heard: string[] = [];
  alice.client.on('notification', ({ payload }) => heard.push(payload!));
  await alice.rows('listen steadytext_result');
  // In one transaction with the wait for it, which without the cache could never end.
  await alice.rows('begin');
  const id = await alice.value(`select steadytext_generate_async('hello', 10)`);
  expect(await alice.value('select steadytext_get_async_result($1, 0)', [id])).toBe('HELLO');
  await alice.rows('commit');
  expect(heard).toEqual([id]);
  expect(await worker.claim({ generate: 10 })).toEqual([]);

  const [, again] = await requests(alice);
  const same = [
    'result',
    'embedding',
    'tokens_in',
    'tokens_out',
    'model',
    'model_digest',
    'params',
    'cache_key',
    'status',
  ];
  for (const column of same) expect(again![column], column).toEqual(first![column]);
  expect(again).toMatchObject({ request_id: id, lease_token: '0', started_at: null, processing_time_ms: 0 });
  expect(again!.receipt).toEqual({ ...first!.receipt, cached: true });
  const log = await alice.rows(
    'select request_id, outcome, cache_hit, tokens_in, tokens_used from steadytext_usage order by 1',
  );
  expect(log).toEqual([
    { request_id: first!.request_id, outcome: 'completed', cache_hit: false, tokens_in: 3, tokens_used: 7 },
    { request_id: id, outcome: 'completed', cache_hit: true, tokens_in: 3, tokens_used: 0 },
  ]);
  expect(await stats(alice)).toEqual([1, 1, 1]);
});

test('an embedding and a reranking too, each by itself in a batch', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_embed_batch_async(array['a', 'b', 'a'])`);
  const ids = (await alice.value(`select steadytext_embed_batch_async(array['c', 'b', 'a', 'd'])`)) as string[];
  const rows = await alice.rows('select * from steadytext_check_async_batch($1)', [ids]);
  expect(rows.map(({ status }) => status)).toEqual(['pending', 'completed', 'completed', 'pending']);
  expect(await stats(alice, 'embedding')).toEqual([2, 5, 2]);
  const rerank = `select steadytext_rerank_async('q', array['x', 'y'])`;
  await run(alice, worker, rerank, { result: '[]' });
  expect(await alice.value(`select status from steadytext_check_async((${rerank.replace('select ', '')}))`)).toBe(
    'completed',
  );
  expect(
    await alice.value(`select status from steadytext_check_async(steadytext_rerank_async('q', array['y', 'x']))`),
  ).toBe('pending');
});

test.each([
  ['another prompt', `select steadytext_generate_async('hello ', 10)`],
  ['another number of tokens', `select steadytext_generate_async('hello', 11)`],
  ['another seed', `select steadytext_generate_async('hello', 10, seed => 7)`],
  ['another temperature', `select steadytext_generate_async('hello', 10, temperature => 0.5)`],
  ['another end', `select steadytext_generate_async('hello', 10, eos_string => 'x')`],
  ['a constraint', `select steadytext_generate_choice_async('hello', array['a', 'b'])`],
  ['another type', `select steadytext_embed_async('hello')`],
  ['the wish for no cache', `select steadytext_generate_async('hello', 10, use_cache => false)`],
  ['a later time', `select steadytext_generate_async('hello', 10, scheduled_at => now() + interval '1 hour')`],
  [
    'a direct insert',
    `insert into steadytext_queue (request_type, prompt, params) values ('generate', 'hello', '{"max_tokens": 10}')`,
  ],
])('%s is run', async (_, other) => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  await alice.rows(other);
  const statuses = (await requests(alice)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual(['completed', 'pending']);
});

test('another user is given nothing of it', async () => {
  const [alice, bob, worker] = [await queue.session('alice'), await queue.session('bob'), await queue.worker()];
  const [row] = await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  await bob.rows(`select steadytext_generate_async('hello', 10)`);
  expect((await requests(bob))[0]).toMatchObject({ status: 'pending', cache_key: row!.cache_key });
  expect(await bob.value('select steadytext_cache_get($1)', [row!.cache_key])).toBeNull();
  expect(await alice.value('select steadytext_cache_get($1)', [row!.cache_key])).toBe('HELLO');
  expect(await bob.rows('select * from steadytext_cache')).toEqual([]);
  expect(await stats(bob)).toEqual([0, 1, 0]);
});

test('what another model made under the same name is made anew, and takes its place', async () => {
  const [alice, worker, superuser] = [await queue.session('alice'), await queue.worker(), await queue.superuser()];
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  await serve(superuser, 'sha256:newer');
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`, { result: 'second' });
  await serve(superuser, 'sha256:test');
  await alice.rows(`select steadytext_generate_async('hello', 10)`);
  expect((await requests(alice)).map(({ result }) => result)).toEqual(['HELLO', 'second', 'second']);
});

test.each([
  ['a model that promises nothing', { deterministic: false }],
  ['the fallback', { fallback: true }],
  ['a provider', { provider: 'x', deterministic: false }],
])('a result of %s is not kept', async (_, receipt) => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`, { receipt });
  expect(await stats(alice)).toEqual([0, 1, 0]);
});

test('a failed request is not kept, nor one that asked for no cache or ran while there was none', async () => {
  const [alice, worker, superuser] = [await queue.session('alice'), await queue.worker(), await queue.superuser()];
  await run(alice, worker, `select steadytext_generate_async('a', 10)`, { outcome: 'failed', error: 'x' });
  await run(alice, worker, `select steadytext_generate_async('b', 10, use_cache => false)`);
  expect(await stats(alice)).toEqual([0, 1, 0]);
  await superuser.rows(`update steadytext_settings set value = 'false' where name = 'cache_enabled'`);
  const [, , row] = await run(alice, worker, `select steadytext_generate_async('c', 10)`);
  expect(row!.cache_key).toBeNull();
  expect(await stats(alice)).toEqual([0, 1, 0]);
});

test('a result counts for cache_ttl, and is then made anew', async () => {
  const [alice, worker, superuser] = [await queue.session('alice'), await queue.worker(), await queue.superuser()];
  const enqueue = `select steadytext_generate_async('hello', 10)`;
  await run(alice, worker, enqueue);
  await superuser.rows(`update steadytext_settings set value = '1 hour' where name = 'cache_ttl'`);
  await superuser.rows(`update steadytext_cache_entries set created_at = now() - interval '61 minutes'`);
  expect(await stats(alice)).toEqual([0, 1, 0]);
  await run(alice, worker, enqueue, { result: 'second' });
  await alice.rows(enqueue);
  expect((await requests(alice)).map(({ result }) => result)).toEqual(['HELLO', 'second', 'second']);
});

test('an idempotency key stands for the request that came from the cache', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  const keyed = `select steadytext_generate_async('hello', 10, idempotency_key => 'k')`;
  const id = await alice.value(keyed);
  expect(await alice.value(keyed)).toBe(id);
  expect((await requests(alice)).map(({ status, receipt }) => [status, receipt.cached])).toEqual([
    ['completed', undefined],
    ['completed', true],
  ]);
});

test('a verification runs, and is neither given nor kept', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  const [row] = await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  await run(alice, worker, `select steadytext_verify('${row!.request_id}')`, { result: 'other' });
  expect(await alice.value('select steadytext_cache_get($1)', [row!.cache_key])).toBe('HELLO');
  expect(await stats(alice)).toEqual([0, 1, 1]);
});

test('a rolled back enqueue leaves no hit and no request', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_generate_async('hello', 10)`);
  await alice.undone(`select steadytext_generate_async('hello', 10)`);
  expect(await requests(alice)).toHaveLength(1);
  expect(await stats(alice)).toEqual([0, 1, 1]);
});

test('the key of a call is told to whom it belongs, with the defaults that the call would have', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  await run(alice, worker, `select steadytext_generate_async('hello'), steadytext_embed_async('hello')`);
  const kept = `select steadytext_cache_get(steadytext_cache_key`;
  expect(await alice.value(`${kept}('generation', 'hello'))`)).toBe('HELLO');
  expect(await alice.value(`${kept}('generation', 'hello', 10))`)).toBeNull();
  expect(await alice.value(`${kept}('embedding', 'hello'))::real[]`)).toEqual([0.6, 0.8]);
});

test.each([
  [
    `steadytext_clear_cache('text')`,
    'ST004',
    'cache_type should be generation, embedding, reranking or all, but is "text"',
  ],
  [
    'steadytext_clear_cache(null)',
    'ST004',
    'cache_type should be generation, embedding, reranking or all, but is null',
  ],
  [
    `steadytext_cache_key('reranking', 'q')`,
    'ST004',
    'cache_type should be generation or embedding, but is "reranking"',
  ],
  [`steadytext_cache_key('generation', '')`, 'P0001', 'Prompt cannot be empty'],
  [`steadytext_cache_key('generation', null)`, 'P0001', 'Prompt cannot be null'],
  [`steadytext_cache_key('generation', 'x', 0)`, 'P0001', 'max_tokens must be between 1 and 4096'],
  [`steadytext_cache_key('embedding', 'x', 5)`, 'ST004', 'max_tokens should be left out for an embedding, but is 5'],
  ['steadytext_cache_preview_eviction(-1)', 'ST004', 'preview_count should be 0 to 10000, but is -1'],
])('%s is refused in words', async (call, code, message) => {
  const refused = await refusal(await queue.session('alice'), `select ${call}`);
  expect(refused).toMatchObject({ code, message, hint: expect.stringMatching(/\w/) });
});

test('an entry is found by its key, however many its user has and whatever was there when it was planned', async () => {
  const superuser = await queue.superuser();
  await superuser.rows('set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
  const [, look] = /(from unnest[\s\S]*?);/.exec(readText('sql/private/find_kept.sql'))!;
  const plan = await superuser.rows(
    `explain select e.id ${look!
      .replace('p_keys', `array['a']`)
      .replace('p_user_id', '1')
      .replaceAll('@privschema@', 'steadytext_private')
      .replaceAll('@extschema@', 'steadytext')}`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index Cond: \(\(user_id = 1\) AND \(cache_key = .*\)\)/);
});
