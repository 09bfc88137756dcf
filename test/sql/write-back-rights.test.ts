// Writing results back: whose rights count, what two at once come to, and what a table's own triggers and policies do.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import type { WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
let superuser: Session;
let alice: Session;
let bob: Session;
let admin: Session;
let worker: WorkerSession;
let bobs: unknown;

beforeAll(async () => {
  superuser = await queue.superuser();
  await superuser.client.query('create schema shop; grant usage, create on schema shop to public');
  [alice, bob] = [await queue.session('alice'), await queue.session('bob')];
  admin = await queue.session('admin', ['steadytext_admin']);
  worker = await queue.worker();
  bobs = await bob.value('select quote_ident(current_user)');
});

beforeEach(async () => {
  await superuser.rows('truncate steadytext_private.write_backs');
  await alice.client.query(`drop table if exists shop.docs;
    create table shop.docs (id bigint primary key, body text, numbers real[]);
    insert into shop.docs (id, body) select n, 'text ' || n from generate_series(1, 6) n`);
});

const runAll = async () => worker.settle(await worker.claim({ embed: 100 }));
const apply = async (session: Session) =>
  Object.values((await session.rows('select * from steadytext_apply_results()'))[0]!).map(Number);
const enqueue = (session: Session, ids = '{1,2,3,4,5,6}') =>
  session.rows(
    `select steadytext_embed_batch_async(array_agg(body order by id), use_cache => false, into_table => 'shop.docs',
       into_column => 'numbers', into_keys => array_agg(jsonb_build_object('id', id) order by id), from_column => 'body')
     from shop.docs where id = any ($1)`,
    [ids],
  );
const written = async () => Number(await alice.value('select count(numbers) from shop.docs'));
const errors = async (session: Session) =>
  (await session.rows('select distinct error from steadytext_write_backs')).map(({ error }) => error);

test('nobody writes, or sees, what another has asked for: not an administrator with all rights either', async () => {
  await enqueue(alice);
  await runAll();
  for (const other of [bob, admin, superuser]) expect(await apply(other)).toEqual([0, 0, 0, 0]);
  expect(await bob.rows('select from steadytext_write_backs')).toEqual([]);
  expect(await admin.value('select count(*)::int from steadytext_write_backs')).toBe(6);
  expect(await written()).toBe(0);
  expect(await apply(alice)).toEqual([6, 0, 0, 0]);
});

test('a place that is not allowed is refused when it is asked for, and when the right has gone since', async () => {
  await alice.rows(`grant select on shop.docs to ${bobs}`);
  const [call] = [
    `select steadytext_embed_async('x', into_table => 'shop.docs', into_column => 'numbers', into_key => '{"id": 1}')`,
  ];
  expect(await refusal(bob, call)).toMatchObject({
    code: '42501',
    hint: expect.stringMatching(/^Have its owner grant it/),
  });
  await alice.rows(`grant update (numbers) on shop.docs to ${bobs}`);
  await enqueue(bob);
  await runAll();
  await alice.rows(`revoke update (numbers) on shop.docs from ${bobs}`);
  expect(await apply(bob)).toEqual([0, 0, 6, 0]);
  expect(await errors(bob)).toEqual(['42501: permission denied for table docs']);
  expect(await written()).toBe(0);
});

test('a place made up by hand is written with the rights of who made it up', async () => {
  await alice.rows(`grant select on shop.docs to ${bobs}`);
  const owner = await alice.value('select current_user::text');
  await bob.rows(
    `insert into steadytext_private.calls (call, inputs, options, write_back) values ('embed', '{x}', '{"use_cache": false}', $1)`,
    [{ table: 'shop.docs', owner, column: 'numbers', keys: [{ id: 1 }], digests: ['0'.repeat(64)] }],
  );
  await bob.rows(
    `insert into steadytext_private.calls (call, inputs, options, write_back) values ('embed', '{x}', '{"use_cache": false}', $1)`,
    [{ table: 'shop.docs; drop table shop.docs', column: 'numbers', keys: [{ id: 1 }], digests: ['0'.repeat(64)] }],
  );
  await runAll();
  expect(await apply(bob)).toEqual([0, 0, 2, 0]);
  expect(await written()).toBe(0);
});

test('policies of the table count', async () => {
  await alice.client.query(`grant select, update on shop.docs to ${bobs}; alter table shop.docs enable row level security;
    create policy even on shop.docs to ${bobs} using (id % 2 = 0)`);
  await expect(enqueue(bob, '{2,4}')).resolves.toBeDefined();
  await alice.client.query('drop policy even on shop.docs');
  await runAll();
  expect(await apply(bob)).toEqual([0, 2, 0, 0]);
  expect(await errors(bob)).toEqual(['the row is gone, or you do not see it']);
});

test('two who write at once share the work, and nothing is written twice', async () => {
  await alice.client.query(`create table if not exists shop.seen (id bigint, n int);
    create or replace function shop.see() returns trigger language plpgsql as 'begin insert into shop.seen values (new.id, 1); return null; end';
    create trigger see after update on shop.docs for each row execute function shop.see()`);
  await enqueue(alice);
  await runAll();
  const second = await queue.session('alice');
  await second.rows('begin');
  expect((await second.rows('select * from steadytext_apply_results(4)'))[0]).toMatchObject({ applied: '4' });
  expect(await apply(alice)).toEqual([2, 0, 0, 0]);
  await second.rows('rollback');
  expect(await written()).toBe(2);
  expect(await apply(alice)).toEqual([4, 0, 0, 0]);
  expect(await alice.value('select count(*)::int from shop.seen')).toBe(6);
  await alice.rows('drop table shop.seen');
});

test('a session that is killed while it writes has written nothing, and noted nothing', async () => {
  await enqueue(alice);
  await runAll();
  const second = await queue.session('alice');
  await second.rows('begin');
  expect(await apply(second)).toEqual([6, 0, 0, 0]);
  second.client.on('error', () => undefined);
  const pid = await second.value('select pg_backend_pid()');
  await superuser.rows('select pg_terminate_backend($1, 10000)', [pid]);
  expect(await apply(alice)).toEqual([6, 0, 0, 0]);
});

test('pruning does not wait for who writes, and what was being written then is told of afterwards', async () => {
  await enqueue(alice, '{1,2}');
  await runAll();
  await superuser.rows(`update steadytext_queue set completed_at = now() - interval '8 days'`);
  const second = await queue.session('alice');
  await second.rows('begin');
  await second.rows('select steadytext_apply_results(1)');
  await worker.client.query('select steadytext_private.prune_requests()');
  await second.rows('rollback');
  expect(await apply(alice)).toEqual([0, 0, 0, 1]);
  expect(await errors(alice)).toEqual(['the request was pruned before its result was written']);
});

test('what changes under a snapshot is an error to repeat, and nothing is noted of it', async () => {
  await enqueue(alice, '{1}');
  await runAll();
  const second = await queue.session('alice');
  await second.rows('begin isolation level repeatable read');
  await second.rows('select count(*) from shop.docs');
  await alice.rows(`update shop.docs set body = 'another' where id = 1`);
  await expect(apply(second)).rejects.toMatchObject({ code: '40001' });
  await second.rows('rollback');
  expect(await apply(alice)).toEqual([0, 1, 0, 0]);
});

test('triggers of the table run under the search_path of the session, and may leave a row as it was', async () => {
  await alice.client.query(`set search_path = shop, steadytext;
    create or replace function shop.only_small() returns trigger language plpgsql as
      'begin if (select count(*) from docs) > 5 and new.id > 3 then return null; end if; return new; end';
    create trigger only_small before update on shop.docs for each row execute function shop.only_small()`);
  await enqueue(alice);
  await runAll();
  expect(await apply(alice)).toEqual([3, 3, 0, 0]);
  expect(await errors(alice)).toEqual([null, 'a trigger or a policy of the table left the row as it was']);
  expect(await alice.value('show search_path')).toBe('shop, steadytext');
  await alice.rows('reset search_path');
});

test('a trigger enqueues rows as they change, in their transaction; what is rolled back is never asked', async () => {
  await alice.client.query(`
    create or replace function shop.embed_body() returns trigger language plpgsql as $$
    begin
      perform steadytext_embed_async(new.body, use_cache => false, into_table => 'shop.docs', into_column => 'numbers',
        into_key => jsonb_build_object('id', new.id), from_column => 'body');
      return null;
    end $$;
    create trigger embed_body after insert or update of body on shop.docs for each row execute function shop.embed_body()`);
  await alice.rows(`insert into shop.docs values (7, 'new')`);
  await alice.client.query(`begin; insert into shop.docs values (8, 'gone'); rollback`);
  await runAll();
  expect(await apply(alice)).toEqual([1, 0, 0, 0]);
  // The write itself enqueues nothing again.
  expect(await alice.value('select count(*)::int from steadytext_requests')).toBe(1);
  await alice.client.query(
    `begin; update shop.docs set body = 'x' where id = 7; update shop.docs set body = 'y' where id = 7; commit`,
  );
  await runAll();
  expect(await apply(alice)).toEqual([1, 1, 0, 0]);
  await alice.client.query(
    `create or replace trigger embed_body before insert on shop.docs for each row execute function shop.embed_body()`,
  );
  expect(await refusal(alice, `insert into shop.docs values (9, 'early')`)).toMatchObject({
    code: 'ST004',
    message: 'into_key should be the key of a row of shop.docs that you see, but is {"id": 9}',
    hint: expect.stringMatching(/AFTER/),
  });
});

test('of two results for one row the later one is written', async () => {
  await enqueue(alice, '{1}');
  await enqueue(alice, '{1}');
  await runAll();
  expect(await apply(alice)).toEqual([1, 1, 0, 0]);
  expect(await alice.rows('select outcome from steadytext_write_backs order by request_id')).toEqual([
    { outcome: 'stale' },
    { outcome: 'applied' },
  ]);
});

test('a dropped column, table or index is told of, and a renamed table is not found', async () => {
  for (const change of [
    'alter table shop.docs drop numbers',
    'alter table shop.docs drop body',
    'alter table shop.docs rename to papers',
  ]) {
    await enqueue(alice, '{1}');
    await runAll();
    await alice.rows(change);
    expect(await apply(alice), change).toEqual([0, 0, 1, 0]);
    await alice.client.query(`drop table if exists shop.docs, shop.papers;
      create table shop.docs (id bigint primary key, body text, numbers real[]); insert into shop.docs values (1, 'text 1')`);
  }
  await enqueue(alice, '{1}');
  await runAll();
  await alice.client.query(
    `alter table shop.docs drop constraint docs_pkey; insert into shop.docs values (1, 'text 1')`,
  );
  expect(await apply(alice)).toEqual([0, 0, 1, 0]);
  expect(await errors(alice)).toContain(
    '21000: The key of a result should find one row of shop.docs, but finds several',
  );
});

test('partitions, odd names and keys of several columns', async () => {
  await alice.client.query(`create table shop."Odd ""name" ("a key" int, "b;" text, "into" text, body text, primary key ("a key", "b;"))
    partition by list ("a key");
    create table shop.p1 partition of shop."Odd ""name" for values in (1);
    create table shop.p2 partition of shop."Odd ""name" for values in (2);
    insert into shop."Odd ""name" values (1, 'x''y', null, 'one'), (2, 'x''y', null, 'two')`);
  await alice.rows(`select steadytext_generate_batch_async(array_agg(body), use_cache => false, into_table => 'shop."Odd ""name"',
    into_column => 'into', into_keys => array_agg(jsonb_build_object('a key', "a key", 'b;', "b;"))) from shop."Odd ""name"`);
  await worker.settle(await worker.claim({ generate: 10 }));
  expect(await apply(alice)).toEqual([2, 0, 0, 0]);
  expect(await alice.rows('select "into" from shop."Odd ""name" order by 1')).toEqual([
    { into: 'ONE' },
    { into: 'TWO' },
  ]);
  await alice.rows('drop table shop."Odd ""name"');
});

test.each([[0], [null], [10_001]])('max_rows %s is refused', async (most) => {
  expect(await refusal(alice, 'select steadytext_apply_results($1)', [most])).toMatchObject({
    code: 'ST004',
    message: `max_rows should be from 1 to 10000, but is ${most}`,
  });
});

test('a table that another has made under the name of one that is gone is not written', async () => {
  await enqueue(alice);
  await runAll();
  await alice.rows('drop table shop.docs');
  await bob.client.query(`create table shop.docs (id bigint primary key, body text, numbers real[]);
    insert into shop.docs (id, body) select n, 'text ' || n from generate_series(1, 6) n;
    grant all on shop.docs to public`);
  try {
    expect(await apply(alice)).toEqual([0, 0, 6, 0]);
    expect(await errors(alice)).toEqual([expect.stringMatching(/a table of .*made anew|but is one of/)]);
  } finally {
    await bob.rows('drop table shop.docs');
  }
});

test.each([
  ['XX000', [5, 0, 1, 0], [0, 0, 0, 0]],
  ['40001', [5, 0, 0, 0], [1, 0, 0, 0]],
] as const)('a row whose trigger raises %s does not hold up the others', async (code, first, then) => {
  await alice.client.query(`create or replace function shop.raise() returns trigger language plpgsql as $$ begin
      if new.id = 1 then raise exception 'no' using errcode = '${code}'; end if; return new; end $$;
    create trigger raise before update on shop.docs for each row execute function shop.raise()`);
  await enqueue(alice);
  await runAll();
  expect(await apply(alice)).toEqual(first);
  await alice.rows('drop trigger raise on shop.docs');
  expect(await apply(alice)).toEqual(then);
});

test('a trigger that calls again is refused, and comes to an end', async () => {
  await alice.client.query(`create or replace function shop.again() returns trigger language plpgsql as $$ begin
      perform steadytext.steadytext_apply_results(); return new; end $$;
    create trigger again before update on shop.docs for each row execute function shop.again()`);
  await enqueue(alice, '{1,2}');
  await runAll();
  expect(await apply(alice)).toEqual([0, 0, 2, 0]);
  expect(await errors(alice)).toEqual([expect.stringContaining('calls again')]);
});
