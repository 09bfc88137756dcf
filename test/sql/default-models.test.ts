// The default of a kind of models: set by an administrator, one at any time, and known to workers where nobody serves it.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const SET = 'select steadytext_set_default_model($1)';
const DEFAULTS = 'select kind, name from steadytext_models where is_default order by kind';
const asShipped = [
  { kind: 'embedding', name: 'all-minilm-l6-v2' },
  { kind: 'text', name: 'smollm2-135m-instruct' },
];
const admin = () => queue.session('admin', ['steadytext_admin']);

beforeEach(async () => {
  await (await queue.superuser()).rows(
    `insert into steadytext_models (name, kind, dimension) values ('my-embedder', 'embedding', 3), ('a-text', 'text', null)`,
  );
});
afterEach(async () => {
  const superuser = await queue.superuser();
  await superuser.rows(`delete from steadytext_models where name in ('my-embedder', 'a-text')`);
  await superuser.rows('update steadytext_models set is_default = true');
});

test('an administrator sets it: new requests without a model go there, and what waits keeps its own', async () => {
  const [alice, boss] = [await queue.session('alice'), await admin()];
  await alice.rows(`select steadytext_embed_async('before')`);
  expect(await boss.value(SET, ['my-embedder'])).toBe('all-minilm-l6-v2');
  await alice.rows(`select steadytext_embed_async('after')`);
  await alice.rows(`select steadytext_generate_async('of the other kind')`);
  expect(await alice.rows('select prompt, model from steadytext_requests order by id')).toEqual([
    { prompt: 'before', model: 'all-minilm-l6-v2' },
    { prompt: 'after', model: 'my-embedder' },
    { prompt: 'of the other kind', model: 'smollm2-135m-instruct' },
  ]);
  expect(await boss.value(SET, ['all-minilm-l6-v2'])).toBe('my-embedder');
  expect(await boss.value(SET, ['all-minilm-l6-v2'])).toBe('all-minilm-l6-v2');
  expect(await boss.rows(DEFAULTS)).toEqual(asShipped);
});

test("a reranker is nobody's default until it is set; a worker's word does not make it one", async () => {
  const [alice, boss, superuser] = [await queue.session('alice'), await admin(), await queue.superuser()];
  const { client } = await queue.worker();
  await client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', '[]', $2)`, [
    randomUUID(),
    JSON.stringify([{ name: 'my-reranker', kind: 'reranking' }]),
  ]);
  try {
    expect(await boss.rows(DEFAULTS)).toEqual(asShipped);
    await alice.rows(`select steadytext_rerank_async('by embeddings', array['x'])`);
    await alice.rows(`select steadytext_rerank_async('by name', array['x'], model => 'my-reranker')`);
    expect(await boss.value(SET, ['my-reranker'])).toBeNull();
    await alice.rows(`select steadytext_rerank_async('by default', array['x'])`);
    await alice.rows(`select steadytext_rerank_async('by name too', array['x'], model => 'all-minilm-l6-v2')`);
    await alice.rows(`select steadytext_embed_async('no reranking')`);
    await boss.rows(`update steadytext_models set is_default = false where kind = 'reranking'`);
    await alice.rows(`select steadytext_rerank_async('as before', array['x'])`);
    expect(await alice.rows('select prompt, model from steadytext_requests order by id')).toEqual([
      { prompt: 'by embeddings', model: 'all-minilm-l6-v2' },
      { prompt: 'by name', model: 'my-reranker' },
      { prompt: 'by default', model: 'my-reranker' },
      { prompt: 'by name too', model: 'all-minilm-l6-v2' },
      { prompt: 'no reranking', model: 'all-minilm-l6-v2' },
      { prompt: 'as before', model: 'all-minilm-l6-v2' },
    ]);
    expect(await refusal(alice, `select steadytext_embed_async('x', model => 'my-reranker')`)).toMatchObject({
      code: 'ST003',
      message: 'Model for a request of type embed should be of kind embedding, but "my-reranker" is of kind reranking',
    });
    expect(await refusal(alice, `select steadytext_rerank_async('x', array['y'], model => 'a-text')`)).toMatchObject({
      code: 'ST003',
      message:
        'Model for a request of type rerank should be of kind reranking or embedding, but "a-text" is of kind text',
    });
  } finally {
    await superuser.rows(`delete from steadytext_models where name = 'my-reranker'`);
  }
});

test('it is in the audit log: who, and which in place of which', async () => {
  const boss = await admin();
  await boss.rows(SET, ['my-embedder']);
  const login = await boss.value('select session_user::text');
  expect(await boss.rows('select event_type, function_name, parameters, success from steadytext_audit_log')).toEqual([
    {
      event_type: 'default_model_set',
      function_name: 'steadytext_set_default_model',
      parameters: { kind: 'embedding', model: 'my-embedder', before: 'all-minilm-l6-v2', asked_by: login },
      success: true,
    },
  ]);
});

test('a name that nobody registered is told with those that are known, and changes nothing', async () => {
  const boss = await admin();
  expect(await refusal(boss, `select steadytext_set_default_model('my-embeder')`)).toMatchObject({
    code: 'ST003',
    message: 'Model should be one that is registered, but "my-embeder" is not',
    hint: expect.stringContaining(
      'all-minilm-l6-v2 (embedding), my-embedder (embedding), a-text (text), smollm2-135m-instruct (text)',
    ),
  });
  const long = await refusal(boss, `select steadytext_set_default_model(repeat('m', 100000))`);
  expect(long.message).toBe(`Model should be one that is registered, but "${'m'.repeat(100)}" is not`);
  expect(await refusal(boss, 'select steadytext_set_default_model(null)')).toMatchObject({
    code: 'ST003',
    message: 'Model should be named, but is null',
  });
  expect(await boss.rows(DEFAULTS)).toEqual(asShipped);
});

test('where a kind has no default it is set all the same', async () => {
  const boss = await admin();
  await boss.rows(`update steadytext_models set is_default = false where kind = 'embedding'`);
  expect(await boss.value(SET, ['my-embedder'])).toBeNull();
});

test('of two administrators at once the later one counts', async () => {
  const [one, other] = [await admin(), await admin()];
  await one.rows('begin');
  await one.rows(SET, ['my-embedder']);
  const second = other.value(SET, ['all-minilm-l6-v2']);
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%set_default_model%'`;
  const superuser = await queue.superuser();
  try {
    await waitFor(async () => (await superuser.rows(waits)).length > 0, 'the second one to wait', 10_000);
  } finally {
    await one.rows('commit');
  }
  expect(await second).toBe('my-embedder');
  expect(await one.rows(DEFAULTS)).toEqual(asShipped);
});

test('an update does it too, in whatever order the rows lie; two of a kind are refused', async () => {
  const boss = await admin();
  const names = ['my-embedder', 'all-minilm-l6-v2', 'my-embedder', 'all-minilm-l6-v2'];
  for (const name of names) {
    await boss.rows(`update steadytext_models set is_default = (name = $1) where kind = 'embedding'`, [name]);
    expect(await boss.rows(DEFAULTS)).toEqual([{ kind: 'embedding', name }, asShipped[1]]);
  }
  expect(await refusal(boss, `update steadytext_models set is_default = true where kind = 'embedding'`)).toMatchObject({
    code: '23P01',
  });
});

test('a worker learns which defaults nobody serves: what is silent or drains does not count', async () => {
  const { client } = await queue.worker();
  const superuser = await queue.superuser();
  const unserved = async () =>
    (await client.query('select kind, name from steadytext_private.unserved_defaults() order by kind')).rows;
  const beat = (state: string, id: string) =>
    client.query(`select steadytext_private.heartbeat_worker($1, $2, 'h', 1, 'v', '[]', $3)`, [
      id,
      state,
      JSON.stringify([{ name: 'all-minilm-l6-v2', kind: 'embedding', dimension: 384 }]),
    ]);
  expect(await unserved()).toEqual(asShipped);
  const [first, second] = [randomUUID(), randomUUID()];
  await beat('running', first);
  expect(await unserved()).toEqual(asShipped.slice(1));
  await beat('draining', first);
  expect(await unserved()).toEqual(asShipped);
  await beat('running', second);
  expect(await unserved()).toEqual(asShipped.slice(1));
  await superuser.rows(`update steadytext_workers set heartbeat_at = heartbeat_at - interval '1 minute'`);
  expect(await unserved()).toEqual(asShipped);
});

test("a provider's model is never the default: not by a worker's word, by the function, or by an update", async () => {
  const [alice, boss, superuser] = [await queue.session('alice'), await admin(), await queue.superuser()];
  const { client } = await queue.worker();
  await superuser.rows(`delete from steadytext_models where kind = 'text'`);
  const models = ['a:text', 'b:text', 'smollm2-135m-instruct'].map((name) => ({ name, kind: 'text' }));
  const beat = (some: readonly object[]) =>
    client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', '[]', $2)`, [
      randomUUID(),
      JSON.stringify(some),
    ]);
  try {
    await beat(models.slice(0, 2));
    expect(await boss.rows(DEFAULTS)).toEqual(asShipped.slice(0, 1));
    expect(await refusal(alice, `select steadytext_generate_async('x')`)).toMatchObject({ code: 'ST003' });
    await beat(models);
    expect(await boss.rows(DEFAULTS)).toEqual(asShipped);
    expect(await refusal(boss, `select steadytext_set_default_model('a:text')`)).toMatchObject({
      code: 'ST004',
      message: 'Default model should be one that runs in this fleet, but is a:text',
    });
    expect(
      await refusal(boss, `update steadytext_models set is_default = (name = 'a:text') where kind = 'text'`),
    ).toMatchObject({ code: '23514', message: expect.stringContaining('models_no_provider_default') });
    expect(await boss.rows(DEFAULTS)).toEqual(asShipped);
    await alice.rows(`select steadytext_generate_async('x', model => 'a:text', unsafe_mode => true)`);
    expect(
      await refusal(
        alice,
        `insert into steadytext_queue (request_type, prompt, params) values ('generate', 'x', '{"model": "a:text"}')`,
      ),
    ).toMatchObject({ code: 'P0001', message: `Remote models (containing ':' ) require unsafe_mode=TRUE` });
    expect(
      await refusal(
        alice,
        `insert into steadytext_queue (request_type, prompt, params)
         values ('generate', 'x', '{"model": "a:text", "unsafe_mode": true}')`,
      ),
    ).toMatchObject({ code: 'ST004' });
    expect(await alice.rows('select model from steadytext_requests')).toEqual([{ model: 'a:text' }]);
  } finally {
    await superuser.rows(`delete from steadytext_models where name like '%:%'`);
  }
});
