// Functions of a table's owner run in what others do with the table, under the session of those: who asks then is nobody.
import { expect, test } from 'vitest';
import { freshName } from '../support/database.ts';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();

/** What mallory tries with the powers of the session, and says of each into her own table. */
const TRIES = {
  reads: `steadytext.steadytext_get_async_result('$id', 0)`,
  cancels: `steadytext.steadytext_cancel_async('$pending')`,
  retries: `steadytext.steadytext_retry_async('$pending')`,
  enqueues: `steadytext.steadytext_embed_async('in your name')`,
  'is known': 'steadytext.current_user_id()',
  sees: '(select count(*) from steadytext.steadytext_queue)',
};

async function withSchema(owner: Session, use: (schema: string) => Promise<void>): Promise<void> {
  const schema = freshName('owned');
  const superuser = await queue.superuser();
  await superuser.rows(`create schema ${schema} authorization ${await owner.value('select session_user::text')}`);
  try {
    await use(schema);
  } finally {
    await superuser.rows(`drop schema ${schema} cascade`);
  }
}

test('an index function gets nothing of whoever analyzes, reindexes, clusters or refreshes', async () => {
  const [alice, mallory] = [await queue.session('alice'), await queue.session('mallory')];
  const [worker, superuser] = [await queue.worker(), await queue.superuser()];
  const finished = await alice.value(`select steadytext_embed_async('finished')`);
  await worker.settle(await worker.claim({ embed: 1 }));
  const pending = await alice.value(`select steadytext_embed_async('pending')`);
  await mallory.rows(`select steadytext_embed_async('her own')`);
  await withSchema(mallory, async (schema) => {
    const attempts = Object.entries(TRIES).map(
      ([name, expression]) => `begin
          insert into ${schema}.loot select '${name}', ${expression.replace('$id', String(finished)).replace('$pending', String(pending))}::text;
        exception when others then
          insert into ${schema}.loot values ('${name}', sqlstate);
        end;`,
    );
    await mallory.rows(`create table ${schema}.loot (attempt text, gain text)`);
    await mallory.rows(`create table ${schema}.t (i int)`);
    await mallory.rows(`insert into ${schema}.t values (1)`);
    await mallory.rows(
      `create function ${schema}.f(i int) returns int language plpgsql immutable as 'begin return i; end'`,
    );
    await mallory.rows(`create index t_f on ${schema}.t (${schema}.f(i))`);
    await mallory.rows(`cluster ${schema}.t using t_f`);
    await mallory.rows(`create materialized view ${schema}.m as select ${schema}.f(1)`);
    await mallory.rows(`create or replace function ${schema}.f(i int) returns int language plpgsql volatile as $$
      begin if not exists (select from ${schema}.loot) then ${attempts.join('\n')} end if; return i; end $$`);
    for (const command of [
      `analyze ${schema}.t`,
      `vacuum full analyze ${schema}.t`,
      `reindex table ${schema}.t`,
      `cluster ${schema}.t`,
      `refresh materialized view ${schema}.m`,
    ]) {
      await superuser.rows(command);
      const loot = await superuser.rows(`delete from ${schema}.loot returning attempt, gain`);
      expect(Object.fromEntries(loot.map(({ attempt, gain }) => [attempt, gain])), command).toEqual(
        Object.fromEntries(Object.keys(TRIES).map((name) => [name, '42501'])),
      );
    }
  });
  expect(await superuser.rows('select prompt, status from steadytext_queue order by id')).toEqual([
    { prompt: 'finished', status: 'completed' },
    { prompt: 'pending', status: 'pending' },
    { prompt: 'her own', status: 'pending' },
  ]);
});

test('nor of its owner, by a function of that owner, who maintains the table', async () => {
  const [alice, mallory] = [await queue.session('alice'), await queue.session('mallory')];
  const superuser = await queue.superuser();
  await alice.rows(`select steadytext_embed_async('of alice')`);
  await withSchema(alice, async (hers) => {
    await alice.rows(`create function ${hers}.read() returns setof text language sql security definer
      as 'select prompt from steadytext.steadytext_queue'`);
    const name = await mallory.value('select session_user::text');
    await superuser.rows(`grant usage, create on schema ${hers} to ${name}`);
    await mallory.rows(`create table ${hers}.loot (gain text)`);
    await mallory.rows(`create function ${hers}.f() returns int language plpgsql as $$ begin
      insert into ${hers}.loot select * from ${hers}.read(); return 1;
      exception when others then insert into ${hers}.loot values (sqlstate); return 1; end $$`);
    await mallory.rows(`create materialized view ${hers}.m as select ${hers}.f() with no data`);
    // As an owner of the database may, and since 17 whoever has MAINTAIN: here by membership.
    await superuser.rows(`grant ${name} to ${await alice.value('select session_user::text')}`);
    await alice.rows(`refresh materialized view ${hers}.m`);
    expect(await superuser.rows(`select gain from ${hers}.loot`)).toEqual([{ gain: '42501' }]);
    await superuser.rows(`revoke ${name} from ${await alice.value('select session_user::text')}`);
    await superuser.rows(`drop table ${hers}.loot; drop materialized view ${hers}.m; drop function ${hers}.f()`);
  });
});

test('a function that runs as its owner still asks for the session, by the functions and by the table', async () => {
  const [alice, bob] = [await queue.session('alice'), await queue.session('bob')];
  const superuser = await queue.superuser();
  await alice.rows(`select steadytext_embed_async('of alice')`);
  await withSchema(alice, async (schema) => {
    await alice.rows(`create function ${schema}.ask() returns table (prompt text) language plpgsql security definer
      set search_path = steadytext as $$ begin
        insert into steadytext_queue (request_type, prompt) values ('embed', 'of whoever calls') returning steadytext_queue.prompt into prompt;
        return query select q.prompt from steadytext_queue q; end $$`);
    await superuser.rows(`grant usage on schema ${schema} to ${await bob.value('select session_user::text')}`);
    expect(await bob.rows(`select prompt from ${schema}.ask()`)).toEqual([{ prompt: 'of whoever calls' }]);
  });
  expect(await alice.rows('select prompt from steadytext_queue')).toEqual([{ prompt: 'of alice' }]);
});
