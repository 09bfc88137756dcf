// Results that go into a table: remembered when they are enqueued, written by steadytext_apply_results with the caller's rights.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useServedDigest } from './support/cached.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import type { WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useServedDigest(queue);
let alice: Session;
let worker: WorkerSession;

beforeAll(async () => {
  const superuser = await queue.superuser();
  await superuser.rows('create schema shop');
  await superuser.rows('grant usage, create on schema shop to public');
  alice = await queue.session('alice');
  worker = await queue.worker();
});

beforeEach(async () => {
  const superuser = await queue.superuser();
  await superuser.rows('truncate steadytext_private.write_backs');
  await alice.client.query(`drop table if exists shop.docs;
    create table shop.docs (id bigint primary key, body text, note varchar(30), answer jsonb, numbers real[], wide double precision[]);
    insert into shop.docs (id, body) select n, 'text ' || n from generate_series(1, 5) n`);
});

const runAll = async (ending = {}) => worker.settle(await worker.claim({ generate: 100, embed: 100 }), ending);
const apply = async (session = alice) =>
  Object.values((await session.rows('select * from steadytext_apply_results()'))[0]!).map(Number);
const embedding = (id: number, rest = `from_column => 'body'`) =>
  alice.value(
    `select steadytext_embed_async(body, use_cache => false, into_table => 'shop.docs', into_column => 'numbers',
       into_key => jsonb_build_object('id', id), ${rest}) from shop.docs where id = $1`,
    [id],
  );
const outcomes = async (session = alice) =>
  (await session.rows('select into_key, outcome, error from steadytext_write_backs order by request_id')).map(
    ({ into_key, outcome, error }) => [into_key.id, outcome, error],
  );

test('a result is written where it was to go, once, and not before it is there', async () => {
  await embedding(1);
  expect(await apply()).toEqual([0, 0, 0, 0]);
  await runAll();
  expect(await apply()).toEqual([1, 0, 0, 0]);
  expect(await alice.value('select numbers from shop.docs where id = 1')).toEqual([0.6, 0.8]);
  await alice.rows('update shop.docs set numbers = null');
  expect(await apply()).toEqual([0, 0, 0, 0]);
  expect(await outcomes()).toEqual([[1, 'applied', null]]);
});

test('texts become what the column is of: JSON, a domain, a number, a text that is not cut', async () => {
  await alice.rows(`alter table shop.docs add amount numeric(6, 2)`);
  await alice.rows('create domain shop.short as varchar(5) check (value <> $$WRONG$$)');
  await alice.rows('alter table shop.docs add word shop.short');
  for (const [id, column, answer] of [
    [1, 'answer', '{"a": 1}'],
    [2, 'answer', 'no JSON'],
    [3, 'amount', '12.345'],
    [4, 'note', 'x'.repeat(31)],
    [5, 'word', 'WRONG'],
    [1, 'word', 'right'],
    [2, 'word', 'too long'],
  ] as const) {
    await alice.rows(
      `select steadytext_generate_async(body, use_cache => false, into_table => 'shop.docs', into_column => $1,
         into_key => jsonb_build_object('id', id), from_column => 'body') from shop.docs where id = $2`,
      [column, id],
    );
    await runAll({ result: answer });
  }
  expect(await apply()).toEqual([3, 0, 4, 0]);
  expect(await alice.rows('select id, answer, amount, note, word from shop.docs order by id')).toEqual([
    { id: '1', answer: { a: 1 }, amount: null, note: null, word: 'right' },
    { id: '2', answer: null, amount: null, note: null, word: null },
    { id: '3', answer: null, amount: '12.35', note: null, word: null },
    { id: '4', answer: null, amount: null, note: null, word: null },
    { id: '5', answer: null, amount: null, note: null, word: null },
  ]);
  expect((await outcomes()).filter(([, outcome]) => outcome === 'refused').map(([, , error]) => error)).toEqual([
    expect.stringMatching(/^22P02: invalid input syntax for type json/),
    '22001: value too long for type character varying(30)',
    expect.stringMatching(/^23514: value for domain shop.short violates/),
    '22001: value too long for type character varying(5)',
  ]);
  await alice.client.query('alter table shop.docs drop word; drop domain shop.short');
});

test('an embedding goes into other arrays, JSON and text too', async () => {
  await alice.rows(`select steadytext_embed_async('x', use_cache => false, into_table => 'shop.docs', into_column => c,
    into_key => '{"id": 1}', from_column => 'body') from unnest('{wide,answer,note}'::text[]) c`);
  await runAll();
  expect(await apply()).toEqual([3, 0, 0, 0]);
  expect(await alice.rows('select wide, answer, note from shop.docs where id = 1')).toEqual([
    { wide: [0.6000000238418579, 0.800000011920929], answer: [0.6, 0.8], note: '{0.6,0.8}' },
  ]);
});

test('what has changed since is left alone, and so is what is gone; one column or the whole row counts', async () => {
  for (const id of [1, 2, 3]) await embedding(id);
  for (const id of [4, 5]) await embedding(id, 'from_column => null');
  await alice.client.query(`update shop.docs set body = 'another' where id = 1; update shop.docs set note = 'n' where id in (2, 4);
    delete from shop.docs where id = 3`);
  await runAll();
  expect(await apply()).toEqual([2, 3, 0, 0]);
  expect(await outcomes()).toEqual([
    [1, 'stale', 'what the result was made of has changed, or a later result is written'],
    [2, 'applied', null],
    [3, 'stale', 'the row is gone, or you do not see it'],
    [4, 'stale', 'what the result was made of has changed, or a later result is written'],
    [5, 'applied', null],
  ]);
});

test('how a session writes dates and numbers changes nothing', async () => {
  await alice.client.query(`alter table shop.docs add made timestamptz default now(), add long interval default '25 hours',
    add share double precision default 0.1, add bytes bytea default '\\x0102'`);
  await embedding(1, 'from_column => null');
  await runAll();
  await alice.client.query(`set timezone = 'Asia/Tokyo'; set datestyle = 'SQL, DMY'; set intervalstyle = 'iso_8601';
    set extra_float_digits = -15; set bytea_output = 'escape'`);
  expect(await apply()).toEqual([1, 0, 0, 0]);
  await alice.rows('reset all');
});

test('a batch is aligned with its keys, and one that cannot be written holds no other up', async () => {
  await alice.rows(`alter table shop.docs add constraint c check (id <> 3 or numbers is null), add parent bigint`);
  const ids = await alice.value(
    `select steadytext_embed_batch_async(array_agg(body order by id), use_cache => false, into_table => 'shop.docs',
       into_column => 'numbers', into_keys => array_agg(jsonb_build_object('id', id) order by id), from_column => 'body') from shop.docs`,
  );
  await runAll();
  expect(await apply()).toEqual([4, 0, 1, 0]);
  expect(
    await alice.rows('select request_id from steadytext_write_backs order by (into_key ->> $1)::int', ['id']),
  ).toEqual((ids as string[]).map((request_id) => ({ request_id })));
  expect(await alice.value('select array_agg(id order by id) from shop.docs where numbers is null')).toEqual(['3']);
});

test('failed and cancelled requests are told of; one that is tried again is written after all', async () => {
  const [failed, cancelled] = [await embedding(1), await embedding(2)];
  await alice.rows('select steadytext_cancel_async($1)', [cancelled]);
  await runAll({ outcome: 'failed', error: 'no' });
  expect(await apply()).toEqual([0, 0, 0, 2]);
  expect(await outcomes()).toEqual([
    [1, 'failed', 'no'],
    [2, 'cancelled', null],
  ]);
  await alice.rows('select steadytext_retry_async($1)', [failed]);
  await runAll();
  expect(await apply()).toEqual([1, 0, 0, 0]);
});

test('what comes from the cache is written as well, and an idempotency key keeps its place', async () => {
  const call = (rest: string) =>
    alice.value(
      `select steadytext_generate_async('same', into_table => 'shop.docs', into_key => '{"id": 1}', ${rest})`,
    );
  await call(`into_column => 'note'`);
  await runAll();
  await call(`into_column => 'note', idempotency_key => 'k'`);
  await call(`into_column => 'note', idempotency_key => 'k'`);
  expect(await apply()).toEqual([1, 1, 0, 0]);
  expect(await alice.value('select note from shop.docs where id = 1')).toBe('SAME');
  await expect(call(`into_column => 'body', idempotency_key => 'k'`)).rejects.toMatchObject({ code: 'ST005' });
});

test('what was never written is told of when its request is pruned, for as long again', async () => {
  await embedding(1);
  await runAll();
  const superuser = await queue.superuser();
  const age = (what: string) => superuser.rows(`update ${what} = now() - interval '8 days'`);
  await age('steadytext_queue set completed_at');
  await worker.client.query('select steadytext_private.prune_requests()');
  expect(await outcomes()).toEqual([[1, 'expired', 'the request was pruned before its result was written']]);
  await age('steadytext_private.write_backs set noted_at');
  await worker.client.query('select steadytext_private.prune_requests()');
  expect(await outcomes()).toEqual([]);
});

test.each([
  ['no table', `into_column => 'numbers', into_key => '{"id": 1}'`, 'ST004', /^into_table should be a table/],
  [
    'a missing one',
    `into_table => 'shop.nothing', into_column => 'n', into_key => '{"id": 1}'`,
    '42P01',
    /does not exist/,
  ],
  [
    'a view',
    `into_table => 'steadytext_requests', into_column => 'n', into_key => '{"id": 1}'`,
    'ST004',
    /^into_table/,
  ],
  ['no column', `into_table => 'shop.docs', into_key => '{"id": 1}'`, 'ST004', /^into_column should be a column/],
  ['an unknown one', `into_table => 'shop.docs', into_column => 'x', into_key => '{"id": 1}'`, 'ST004', /^into_column/],
  ['an odd type', `into_table => 'shop.docs', into_column => 'id', into_key => '{"id": 1}'`, 'ST004', /can become/],
  [
    'no key',
    `into_table => 'shop.docs', into_column => 'numbers'`,
    'ST004',
    /^into_key should be the columns.*but is null$/,
  ],
  ['no object', `into_table => 'shop.docs', into_column => 'numbers', into_key => '7'`, 'ST004', /^into_key/],
  [
    'not unique',
    `into_table => 'shop.docs', into_column => 'numbers', into_key => '{"body": "text 1"}'`,
    'ST004',
    /^into_key/,
  ],
  [
    'no row',
    `into_table => 'shop.docs', into_column => 'numbers', into_key => '{"id": 9}'`,
    'ST004',
    /the key of a row/,
  ],
  ['another type', `into_table => 'shop.docs', into_column => 'numbers', into_key => '{"id": "x"}'`, '22P02', /bigint/],
  [
    'an unknown source',
    `into_table => 'shop.docs', into_column => 'numbers', into_key => '{"id": 1}', from_column => 'x'`,
    'ST004',
    /^from_column/,
  ],
])('%s is refused before anything is enqueued', async (_, rest, code, message) => {
  const refused = await refusal(alice, `select steadytext_embed_async('x', ${rest})`);
  expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
  if (code === 'ST004') expect(refused.hint).toBeTruthy();
  expect(await alice.rows('select from steadytext_requests')).toEqual([]);
});

test('a batch needs a key for each input', async () => {
  expect(
    await refusal(
      alice,
      `select steadytext_embed_batch_async('{a,b}', into_table => 'shop.docs', into_column => 'numbers', into_keys => array['{"id": 1}'::jsonb])`,
    ),
  ).toMatchObject({ code: 'ST004', message: 'into_keys should be one for each input, 2, but is 1' });
});
