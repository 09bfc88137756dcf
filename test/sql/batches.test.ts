// Batches of every kind: as many requests as inputs, ids in their order; and the forms that give a row an input.
import { beforeAll, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
let alice: Session;
beforeAll(async () => {
  alice = await queue.session('alice');
});

const FORMS = [
  ['generate', `max_tokens => 7`, { max_tokens: 7 }],
  ['generate_json', `'{"type": "integer"}'::jsonb`, { schema: { type: 'integer' } }],
  ['generate_regex', `'a+'`, { pattern: 'a+' }],
  ['generate_choice', `'{yes,no}'::text[]`, { choices: ['yes', 'no'] }],
  ['embed', `on_long_text => 'average'`, { on_long_text: 'average' }],
  ['rerank', `'{one,two}'::text[]`, { documents: ['one', 'two'] }],
] as const;

const enqueued = () => alice.rows('select request_id, prompt, params, priority from steadytext_requests order by id');

test.each(FORMS)('%s: ids in the order of the inputs, with the same options', async (form, options, params) => {
  const ids = await alice.value(`select steadytext_${form}_batch_async('{b,a,c}', ${options}, priority => 7)`);
  expect(await enqueued()).toEqual(
    (ids as string[]).map((request_id, i) => ({
      request_id,
      prompt: 'bac'[i],
      params: expect.objectContaining(params),
      priority: 7,
    })),
  );
});

test.each(FORMS)('%s: a row an input, numbered from 1, whatever the array counts from', async (form, options) => {
  const rows = await alice.rows(
    `select * from steadytext_${form}_batch_rows_async('[5:7]={b,a,c}'::text[], ${options})`,
  );
  const ids = (await enqueued()).map(({ request_id }) => request_id);
  expect(rows).toEqual(ids.map((request_id, i) => ({ ordinal: String(i + 1), request_id })));
});

test.each(FORMS)('%s: a batch may be known by its key, and is refused where one input is', async (form, options) => {
  const call = `steadytext_${form}_batch_rows_async('{b,a}', ${options}, idempotency_key => 'k')`;
  const first = await alice.rows(`select * from ${call}`);
  expect(await alice.rows(`select * from ${call}`)).toEqual(first);
  for (const inputs of [`'{}'`, 'null', `'{a,NULL}'`, `'{a," "}'`, `'{{a},{b}}'`])
    for (const name of ['batch', 'batch_rows']) {
      const refused = await refusal(alice, `select steadytext_${form}_${name}_async(${inputs}, ${options})`);
      expect(refused.hint).toMatch(/\w/);
      expect(['P0001', 'ST004']).toContain(refused.code);
    }
});

test.each([
  ['generate_json', 'null', 'Schema cannot be null'],
  ['generate_regex', 'null', 'Pattern cannot be empty'],
  ['generate_choice', 'null', 'Must provide at least 2 choices'],
])('%s of %s is refused', async (form, options, message) => {
  expect(await refusal(alice, `select steadytext_${form}_batch_async('{a}', ${options})`)).toMatchObject({ message });
});

test('rows join what was asked for', async () => {
  await alice.client.query(
    `create temp table texts (id int, body text); insert into texts values (10, 'ten'), (20, 'twenty')`,
  );
  expect(
    await alice.rows(
      `select t.id, q.prompt from (select array_agg(id order by id) as ids, array_agg(body order by id) as bodies from texts) a
       cross join lateral steadytext_embed_batch_rows_async(a.bodies) r
       join texts t on t.id = a.ids[r.ordinal] join steadytext_requests q on q.request_id = r.request_id`,
    ),
  ).toEqual([]);
  expect((await enqueued()).map(({ prompt }) => prompt)).toEqual(['ten', 'twenty']);
});
