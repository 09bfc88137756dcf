// Ways in: batches as one insert, idempotency keys, direct inserts.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { EMBEDDING_MODEL } from './support/worker-session.ts';

const queue = useQueue();

test('a batch of 5,000 is one insert, and its ids are in the order of its inputs', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`);
  const ids = (await alice.value('select steadytext_embed_batch_async($1, priority => 3)', [texts])) as string[];
  expect(new Set(ids).size).toBe(5000);
  const rows = await alice.rows(
    `select q.prompt from unnest($1::uuid[]) with ordinality i (id, position)
     join steadytext_requests q on q.request_id = i.id order by i.position`,
    [ids],
  );
  expect(rows.map(({ prompt }) => prompt)).toEqual(texts);
  // One statement has one command id, so rows of one insert share cmin as well as xmin.
  expect(
    await superuser.value(
      'select count(distinct (xmin::text, cmin::text))::int from steadytext_queue where priority = 3',
    ),
  ).toBe(1);
});

test('batches of generations and rankings carry their options too', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_batch_async(array['a', 'b'], 9, priority => 8)`);
  await alice.rows(`select steadytext_rerank_batch_async(array['q1', 'q2'], array['x', 'y'], 'by length', false)`);
  expect(await alice.rows('select prompt, params, priority from steadytext_requests order by id')).toMatchObject([
    { prompt: 'a', priority: 8, params: { max_tokens: 9 } },
    { prompt: 'b', priority: 8, params: { max_tokens: 9 } },
    { prompt: 'q1', priority: 5, params: { task: 'by length', documents: ['x', 'y'], return_scores: false } },
    { prompt: 'q2', priority: 5, params: { task: 'by length', documents: ['x', 'y'], return_scores: false } },
  ]);
});

test('an embedding carries what is done with a long text, and its length', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x', on_long_text => 'refuse', dimension => 8)`);
  await alice.rows(`select steadytext_embed_batch_async(array['a', 'b'], on_long_text => 'average')`);
  await alice.rows(`select steadytext_embed_async('y', on_long_text => null)`);
  await alice.rows(
    `insert into steadytext_queue (prompt, request_type, params) values ('z', 'embed', '{"dimension": 4}')`,
  );
  const own = { seed: 42, use_cache: true };
  expect(await alice.rows('select params from steadytext_requests order by id')).toEqual([
    { params: { ...own, on_long_text: 'refuse', dimension: 8 } },
    { params: { ...own, on_long_text: 'average' } },
    { params: { ...own, on_long_text: 'average' } },
    { params: { ...own, on_long_text: 'truncate' } },
    { params: { ...own, on_long_text: 'truncate', dimension: 4 } },
  ]);
});

test('options that are null have their defaults', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_async('x', null, null, null, null, null, null, null, null, null, null)`);
  expect(await alice.rows('select params, priority from steadytext_requests')).toEqual([
    { params: { max_tokens: 512, use_cache: true, seed: 42, eos_string: '[EOS]', temperature: 0 }, priority: 5 },
  ]);
});

test('a number keeps all its digits, however few of them the session likes to read', async () => {
  const [alice, brief] = [await queue.session('alice'), await queue.session('alice')];
  await brief.rows('set extra_float_digits = -15');
  const call = `select steadytext_generate_async('x', temperature => 0.123456, idempotency_key => 'k')`;
  const first = await brief.value(call);
  await brief.rows(`select steadytext_generate_batch_async(array['y'], temperature => 0.123456)`);
  const temperatures = await alice.rows(`select params ->> 'temperature' as stored from steadytext_requests`);
  expect(temperatures).toEqual([{ stored: '0.123456' }, { stored: '0.123456' }]);
  expect(await alice.value(call)).toBe(first);
});

test('the same key for the same request gives the first id, once finished too', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const call = `select steadytext_generate_async('x', 10, idempotency_key => 'k')`;
  const first = await alice.value(call);
  expect(await alice.value(call)).toBe(first);
  await worker.settle(await worker.claim({ generate: 9 }));
  expect(await alice.value(call)).toBe(first);
  expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(1);
});

test('the same key for another request is refused', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_async('x', 10, idempotency_key => 'k')`);
  for (const other of [`generate_async('y', 10`, `generate_async('x', 11`, `embed_async('x'`]) {
    const refused = await refusal(alice, `select steadytext_${other}, idempotency_key => 'k')`);
    expect(refused).toMatchObject({ code: 'ST005', message: expect.stringContaining('"k"') });
  }
  expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(1);
});

test('the same call is the same request after the default model has changed, and a batch is too', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const boss = await queue.session('boss', ['steadytext_admin']);
  const calls = [
    `steadytext_embed_async('x', idempotency_key => 'one')`,
    `steadytext_embed_batch_async(array['x', 'y'], idempotency_key => 'many')`,
    `steadytext_rerank_async('x', array['a'], idempotency_key => 'ranked')`,
  ];
  const all = async () => {
    const ids: unknown[] = [];
    for (const call of calls) ids.push(await alice.value(`select ${call}`));
    return ids;
  };
  const first = await all();
  await superuser.rows(`insert into steadytext_models (name, kind, dimension) values ('my-embedder', 'embedding', 3)`);
  await boss.rows(`select steadytext_set_default_model('my-embedder')`);
  try {
    expect(await all()).toEqual(first);
    // As the one named that it came to then: the same request, called in another way.
    const named = `select steadytext_embed_async('x', model => '${EMBEDDING_MODEL}', idempotency_key => 'one')`;
    expect(await alice.value(named)).toBe(first[0]);
    const others = [
      `steadytext_embed_async('x', model => 'my-embedder', idempotency_key => 'one')`,
      `steadytext_embed_async('z', idempotency_key => 'one')`,
      `steadytext_embed_batch_async(array['x', 'z'], idempotency_key => 'many')`,
      `steadytext_rerank_async('x', array['b'], idempotency_key => 'ranked')`,
    ];
    for (const other of others) {
      expect(await refusal(alice, `select ${other}`), other).toMatchObject({ code: 'ST005' });
    }
  } finally {
    await boss.rows(`select steadytext_set_default_model('${EMBEDDING_MODEL}')`);
    await superuser.rows(`delete from steadytext_models where name = 'my-embedder'`);
  }
});

test('the same call is the same request to a release with another default, and with one option more', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const call = `select steadytext_generate_async('x', seed => null, idempotency_key => 'k')`;
  const first = await alice.value(call);
  await superuser.rows(`update steadytext_queue set params = params - 'eos_string' || '{"seed": 41}'`);
  expect(await alice.value(call)).toBe(first);
  const other = `select steadytext_generate_async('x', seed => 43, idempotency_key => 'k')`;
  expect(await refusal(alice, other)).toMatchObject({ code: 'ST005' });
  const digest = 'steadytext_private.call_digest';
  const same = `select ${digest}('embed', '{"seed": 1, "to_come": null}', null) = ${digest}('embed', '{"seed": 1}', null)`;
  expect(await superuser.value(same)).toBe(true);
});

test('a request from before calls had digests is known by what is stored of it; without a key none is kept', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const call = `select steadytext_generate_async('x', idempotency_key => 'k')`;
  const first = await alice.value(call);
  await alice.rows(`select steadytext_generate_async('x')`);
  expect(await alice.rows('select call_digest is null as none from steadytext_requests order by id')).toEqual([
    { none: false },
    { none: true },
  ]);
  await superuser.rows('update steadytext_queue set call_digest = null');
  expect(await alice.value(call)).toBe(first);
  const other = `select steadytext_generate_async('x', 11, idempotency_key => 'k')`;
  expect(await refusal(alice, other)).toMatchObject({ code: 'ST005' });
});

test('keys of different users have nothing to do with each other', async () => {
  const alice = await queue.session('alice');
  const bob = await queue.session('bob');
  const call = `select steadytext_embed_async('x', idempotency_key => 'k')`;
  expect(await alice.value(call)).not.toBe(await bob.value(call));
});

test('a batch is repeated whole, and one that has grown or shrunk is refused', async () => {
  const alice = await queue.session('alice');
  const call = `select steadytext_embed_batch_async($1, idempotency_key => 'k')`;
  const first = await alice.value(call, [['a', 'b', 'c']]);
  expect(await alice.value(call, [['a', 'b', 'c']])).toEqual(first);
  for (const other of [
    ['a', 'b'],
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'x'],
  ]) {
    expect(await refusal(alice, call, [other])).toMatchObject({ code: 'ST005' });
  }
  expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(3);
});

test('a batch of which some requests were pruned while others wait is refused, with words for it', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const call = `select steadytext_embed_batch_async(array['a', 'b', 'c'], idempotency_key => 'b1')`;
  const ids = (await alice.value(call)) as string[];
  await alice.rows('select steadytext_cancel_async($1)', [ids[1]]);
  await superuser.rows(`update steadytext_queue set completed_at = completed_at - interval '8 days'`);
  expect(await superuser.value('select steadytext_private.prune_requests(10)')).toBe(1);
  expect(await refusal(alice, call)).toMatchObject({
    code: 'ST005',
    message: expect.stringMatching(/key "b1" .* but 1 of these 3 requests are not known$/),
    hint: expect.stringContaining('pruned after queue_retention'),
  });
  expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(2);
});

test('two sessions with one key at once make one request', async () => {
  const sessions = await Promise.all(Array.from({ length: 6 }, () => queue.session('alice')));
  const call = `select steadytext_generate_async('x', idempotency_key => 'race')`;
  const ids = await Promise.all(sessions.map((session) => session.value(call)));
  expect(new Set(ids).size).toBe(1);
});

test('enqueuing waits for no open transaction of the same login', async () => {
  const [one, two] = [await queue.session('alice'), await queue.session('alice')];
  await one.rows(`select steadytext_generate_async('first')`);
  await one.rows('begin');
  await one.rows(`select steadytext_generate_async('open')`);
  await two.rows(`set lock_timeout = '1s'`);
  await two.rows(`select steadytext_generate_async('not waiting')`);
  await one.rows('rollback');
  expect(await two.value('select count(*)::int from steadytext_queue')).toBe(2);
});

test('a direct insert is checked and completed like a call', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const id = '11111111-2222-3333-4444-555555555555';
  const insert = `insert into steadytext_queue (request_id, prompt, request_type, params, priority, created_at)
    values ($1, 'hello', 'generate', '{"max_tokens": 20}', 7, now() - interval '1 hour')`;
  await alice.rows(insert, [id]);
  const [row] = await alice.rows('select *, user_id = current_user_id() as own from steadytext_requests');
  expect(row).toMatchObject({
    own: true,
    status: 'pending',
    runnable: true,
    priority: 7,
    params: { max_tokens: 20, seed: 42, temperature: 0, use_cache: true, eos_string: '[EOS]' },
    cost_estimate: 22,
  });
  await worker.settle(await worker.claim({ generate: 1 }));
  expect(await alice.value('select steadytext_get_async_result($1)', [id])).toBe('HELLO');
});

test('a direct insert may be the first thing a login ever does, and return what it inserted', async () => {
  for (const [name, returning] of Object.entries({ carol: '', dave: 'returning request_id' })) {
    const session = await queue.session(name);
    expect(await session.value('select current_user_id()')).toBeNull();
    await session.rows(`insert into steadytext_queue (prompt, request_type) values ('x', 'embed') ${returning}`);
    expect(await session.value('select count(*)::int from steadytext_requests')).toBe(1);
  }
});

test('a direct insert of many rows may leave everything out that has a default', async () => {
  const alice = await queue.session('alice');
  const inserted = await alice.rows(
    `insert into steadytext_queue (prompt, request_type) select 'p' || g, 'embed' from generate_series(1, 3) g
     returning request_id`,
  );
  expect(inserted).toHaveLength(3);
  const [first] = await alice.rows('select model, priority, params from steadytext_requests order by id limit 1');
  expect(first).toMatchObject({ model: EMBEDDING_MODEL, priority: 5, params: { seed: 42 } });
  expect(new Set(inserted.map(({ request_id }) => request_id)).size).toBe(3);
});

test('a direct insert with an id that is taken is refused, or skipped where it says so, whoever has it', async () => {
  const id = '11111111-2222-3333-4444-555555555555';
  const insert = `insert into steadytext_queue (request_id, prompt, request_type) values ($1, 'x', 'embed')`;
  await (await queue.session('alice')).rows(insert, [id]);
  for (const name of ['alice', 'bob']) {
    const session = await queue.session(name);
    await session.rows(`${insert} on conflict do nothing`, [id]);
    expect(await refusal(session, insert, [id])).toMatchObject({ code: '23505' });
    expect(await session.value('select count(*)::int from steadytext_queue')).toBe(name === 'alice' ? 1 : 0);
  }
});

test('a direct insert cannot say whose it is, how it stands, or when it is due', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  await alice.rows(`select steadytext_embed_async('x')`);
  const { rows: columns } = await superuser.client.query(
    `select attname from pg_attribute where attrelid = 'steadytext_queue'::regclass and attnum > 0 and not attisdropped`,
  );
  const granted = ['request_id', 'prompt', 'request_type', 'params', 'priority', 'created_at', 'session_id'];
  for (const { attname } of columns as { attname: string }[]) {
    if (granted.includes(attname)) continue;
    const insert = `insert into steadytext_queue (prompt, request_type, ${attname}) values ('x', 'embed', null)`;
    // The id is generated always, which PostgreSQL refuses before it asks for rights.
    expect(await refusal(alice, insert), attname).toMatchObject({ code: attname === 'id' ? '428C9' : '42501' });
  }
});
