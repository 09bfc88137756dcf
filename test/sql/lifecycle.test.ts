// A request's whole life: enqueued, claimed, settled, waited for.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { EMBEDDING_MODEL, TEXT_MODEL } from './support/worker-session.ts';

const queue = useQueue();

test('a generation is enqueued, claimed, settled, and its text is given to who waits', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(
    `select steadytext_generate_async('hello', 10, seed => 7, temperature => 0.5, eos_string => 'END')`,
  );
  expect(await alice.rows('select status, result from steadytext_check_async($1)', [requestId])).toEqual([
    { status: 'pending', result: null },
  ]);

  const [claimed] = await worker.claim({ generate: 5 });
  expect(claimed).toMatchObject({
    request_id: requestId,
    lease_token: '1',
    request_type: 'generate',
    model: TEXT_MODEL,
    prompt: 'hello',
    params: { max_tokens: 10, seed: 7, use_cache: true, temperature: 0.5, eos_string: 'END' },
    retry_count: 0,
    isolated: false,
  });
  const [processing] = await alice.rows('select * from steadytext_requests');
  expect(processing).toMatchObject({ status: 'processing', leased_by: worker.id, runnable: false });
  expect(processing!.lease_expires_at.getTime() - processing!.started_at.getTime()).toBe(30_000);

  expect(await worker.settle([claimed!])).toEqual([{ request_id: claimed!.request_id, status: 'completed' }]);
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe('HELLO');
  const [completed] = await alice.rows('select * from steadytext_requests');
  expect(completed).toMatchObject({
    status: 'completed',
    tokens_in: 3,
    tokens_out: 4,
    processing_time_ms: 7,
    model_digest: 'sha256:test',
    receipt: { engine: 'test' },
    leased_by: null,
    lease_expires_at: null,
    daemon_endpoint: worker.id,
  });
});

test('an embedding gives its numbers, and no text', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_embed_async('a sentence')`);
  const claimed = await worker.claim({ embed: 1 });
  expect(claimed).toMatchObject([
    { model: EMBEDDING_MODEL, params: { seed: 42, use_cache: true, on_long_text: 'truncate' } },
  ]);
  await worker.settle(claimed, { embedding: '{0.6,-0.8,1e-7}' });
  const embedding = await alice.value('select steadytext_get_async_result_embedding($1)', [requestId]);
  expect(embedding).toEqual([0.6, -0.8, 1e-7]);
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBeNull();
  expect(await refusal(alice, 'select steadytext_get_async_result_json($1)', [requestId])).toMatchObject({
    code: 'ST004',
    hint: 'Use steadytext_get_async_result_embedding.',
  });
});

test('a ranking gives JSON', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_rerank_async('q', array['x', 'y'], return_scores => false)`);
  const claimed = await worker.claim({ rerank: 1 });
  expect(claimed[0]!.prompt).toBe('q');
  expect(claimed[0]!.params).toMatchObject({ documents: ['x', 'y'], return_scores: false, seed: 42 });
  expect(claimed[0]!.params.task).toMatch(/^Given a web search query/);
  await worker.settle(claimed, { result: '[{"index": 1, "document": "y"}]' });
  expect(await alice.value('select steadytext_get_async_result_json($1)', [requestId])).toEqual([
    { index: 1, document: 'y' },
  ]);
});

test.each([
  ['summarize', `steadytext_summarize_async('a text')`, TEXT_MODEL, { max_tokens: 128, seed: 42, use_cache: true }],
  ['extract_facts', `steadytext_extract_facts_async('a text')`, EMBEDDING_MODEL, { max_facts: 10 }],
  ['deduplicate_facts', `steadytext_deduplicate_facts_async('["a"]')`, EMBEDDING_MODEL, { similarity_threshold: 0.85 }],
])('%s goes to its model and gives its result', async (type, call, model, params) => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select ${call}`);
  const claimed = await worker.claim({ [type]: 1 });
  expect(claimed).toMatchObject([{ request_id: requestId, request_type: type, model, params }]);
  await worker.settle(claimed, { result: '["a"]', receipt: { chunks: 2 } });
  expect(await alice.value('select steadytext_get_async_result_json($1)', [requestId])).toEqual(['a']);
  expect(await alice.value('select receipt from steadytext_requests')).toEqual({ chunks: 2 });
  expect(await alice.rows('select request_type, outcome from steadytext_usage')).toEqual([
    { request_type: type, outcome: 'completed' },
  ]);
});

test.each([
  ['a NUL', '"\\u0000"'],
  ['a number beyond numeric', '1e999999'],
  ['brackets deeper than the stack', '['.repeat(100_000) + ']'.repeat(100_000)],
])('JSON that jsonb cannot hold is refused as text that is none: %s', async (_, result) => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('hello')`);
  await worker.settle(await worker.claim({ generate: 1 }), { result });
  expect(await refusal(alice, 'select steadytext_get_async_result_json($1)', [requestId])).toMatchObject({
    code: 'ST004',
    hint: 'Its result is text that jsonb cannot hold: use steadytext_get_async_result.',
  });
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe(result);
});

test('a text that is no JSON is not given as JSON, nor as an embedding', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('hello')`);
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'plain prose' });
  for (const form of ['json', 'embedding']) {
    expect(await refusal(alice, `select steadytext_get_async_result_${form}($1)`, [requestId])).toMatchObject({
      code: 'ST004',
      message: expect.stringContaining(`but is generate request ${requestId}`),
    });
  }
});

test('many requests are looked at in the order asked, the unknown left out', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const ids = (await alice.value(`select steadytext_generate_batch_async(array['a', 'b', 'c'])`)) as string[];
  const [a] = await worker.claim({ generate: 1 });
  await worker.settle([a!]);
  const unknown = '00000000-0000-0000-0000-000000000000';
  const rows = await alice.rows('select request_id, status, result from steadytext_check_async_batch($1)', [
    [ids[2], unknown, ids[0]],
  ]);
  expect(rows).toEqual([
    { request_id: ids[2], status: 'pending', result: null },
    { request_id: ids[0], status: 'completed', result: 'A' },
  ]);
  expect(await alice.rows('select * from steadytext_check_async($1)', [unknown])).toEqual([]);
});

test('who waits is given the result as soon as it is there', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('slow')`);
  const waiting = alice.value('select steadytext_get_async_result($1, 20)', [requestId]);
  await worker.settle(await worker.claim({ generate: 1 }));
  expect(await waiting).toBe('SLOW');
});

test('who has waited for seconds is given it as soon, too: pauses between looks do not grow without an end', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('slow')`);
  const claimed = await worker.claim({ generate: 1 });
  const pid = await alice.value('select pg_backend_pid()');
  const waiting = alice.value('select steadytext_get_async_result($1, 20)', [requestId]);
  // Pauses that grew by a half each would come to 1.9 s and then to 2.9 s.
  const since = `select from pg_stat_activity where pid = $1 and state = 'active' and query_start < clock_timestamp() - interval '2.1 s'`;
  await waitFor(async () => (await superuser.rows(since, [pid])).length === 1, 'it to have waited for two seconds');
  await worker.settle(claimed);
  const settled = performance.now();
  expect(await waiting).toBe('SLOW');
  // One pause of 50 ms, on a machine that may be busy; the pause that has grown has 800 ms left here.
  expect(performance.now() - settled).toBeLessThan(600);
});

test('who waits holds no lock on a table while it sleeps, which migrate could never get past', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('slow')`);
  const pid = await alice.value('select pg_backend_pid()');
  const waiting = alice.value('select steadytext_get_async_result($1, 30)', [requestId]);
  const sleeps = `select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`;
  const asleep = async (condition = '') => (await superuser.rows(sleeps + condition, [pid])).length === 1;
  await waitFor(asleep, 'the wait to sleep');
  const none = ` and not exists (select from pg_locks where pid = $1 and locktype = 'relation')`;
  await waitFor(() => asleep(none), 'it to sleep without a lock', 5000);
  await worker.settle(await worker.claim({ generate: 1 }));
  expect(await waiting).toBe('SLOW');
});

test('waiting ends with an error after its time, and at once for zero seconds', async () => {
  const alice = await queue.session('alice');
  const requestId = await alice.value(`select steadytext_generate_async('never')`);
  for (const seconds of [0, 1]) {
    const before = performance.now();
    expect(await refusal(alice, 'select steadytext_get_async_result($1, $2)', [requestId, seconds])).toMatchObject({
      code: 'P0001',
      message: `Timeout waiting for async result (${seconds} seconds)`,
    });
    expect(performance.now() - before).toBeGreaterThanOrEqual(seconds * 1000);
  }
});

test('a statement time-out ends a wait', async () => {
  const alice = await queue.session('alice');
  const requestId = await alice.value(`select steadytext_generate_async('never')`);
  await alice.rows('set statement_timeout = 200');
  expect(await refusal(alice, 'select steadytext_get_async_result($1)', [requestId])).toMatchObject({ code: '57014' });
});

test('waiting in the transaction that enqueued is refused at once, inside a savepoint and after a retry too', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const expected = { code: 'ST001', hint: expect.stringContaining('COMMIT first') };
  const wait = (id: unknown) => refusal(alice, 'select steadytext_get_async_result($1, 20)', [id]);

  await alice.rows('begin');
  expect(await wait(await alice.value(`select steadytext_generate_async('x')`))).toMatchObject(expected);
  await alice.rows('rollback');

  await alice.rows('begin');
  await alice.rows('savepoint inner_one');
  const inside = await alice.value(`select steadytext_generate_async('x')`);
  await alice.rows('release inner_one');
  await alice.rows('savepoint inner_two');
  expect(await wait(inside)).toMatchObject(expected);
  await alice.rows('rollback');

  const failed = await alice.value(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'failed', error: 'broken' });
  await alice.rows('begin');
  await alice.rows('select steadytext_retry_async($1)', [failed]);
  expect(await wait(failed)).toMatchObject(expected);
  await alice.rows('rollback');
});

test('waiting under a fixed snapshot is refused, unless the request is final in it', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  for (const level of ['repeatable read', 'serializable']) {
    await alice.rows(`begin isolation level ${level}`);
    expect(await refusal(alice, 'select steadytext_get_async_result($1)', [requestId])).toMatchObject({
      code: 'ST002',
      message: expect.stringContaining(level.toUpperCase()),
    });
    await alice.rows('rollback');
  }
  await worker.settle(await worker.claim({ generate: 1 }));
  await alice.rows('begin isolation level repeatable read');
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe('X');
  await alice.rows('commit');
});

test('who waits for a failed or cancelled request gets its error', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const failed = await alice.value(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'failed', error: 'the model ran out of words' });
  expect(await refusal(alice, 'select steadytext_get_async_result($1)', [failed])).toMatchObject({
    code: 'P0001',
    message: 'Async request failed: the model ran out of words',
  });
  const cancelled = await alice.value(`select steadytext_generate_async('x')`);
  const waiting = refusal(alice, 'select steadytext_get_async_result($1)', [cancelled]);
  const other = await queue.session('alice');
  await other.rows('select steadytext_cancel_async($1)', [cancelled]);
  expect(await waiting).toMatchObject({ code: 'ST008', message: expect.stringContaining('was cancelled') });
});

test('a traceparent of the session travels with the request, anything else does not', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const setting of [traceparent, "'; drop table"]) {
    await alice.rows(`select set_config('steadytext.traceparent', $1, false)`, [setting]);
    await alice.rows(`select steadytext_embed_async('x')`);
  }
  const claimed = await worker.claim({ embed: 2 });
  expect(claimed.map((request) => request.traceparent)).toEqual([traceparent, null]);
});
