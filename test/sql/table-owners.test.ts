// Code of a table's owner runs in what others do with the table, and with tables that it refers to, under the session of those.
// Who asks is then its owner all the same: it gets what is the owner's, and nothing of whoever set it off.
import { expect, test } from 'vitest';
import { freshName } from '../support/database.ts';
import { type Row, type Session, useQueue } from './support/queue.ts';

const queue = useQueue();

/** What mallory tries about two requests of alice's, and the answers to somebody who has nothing to do with them. */
const TRIES: Readonly<Record<string, readonly [expression: string, answer: string]>> = {
  reads: [`steadytext.steadytext_get_async_result_embedding('$finished', 0)`, 'P0001'],
  checks: [`(select count(*) from steadytext.steadytext_check_async('$finished'))`, '0'],
  verifies: [`steadytext.steadytext_verify('$finished')`, 'P0002'],
  cancels: [`steadytext.steadytext_cancel_async('$pending')`, 'false'],
  retries: [`steadytext.steadytext_retry_async('$pending')`, 'P0001'],
  sees: [`(select string_agg(prompt, ',') from steadytext.steadytext_requests where prompt <> 'by code')`, 'her own'],
  logs: ['(select count(*) from steadytext.steadytext_usage)', '0'],
  users: ['(select count(*) from steadytext.steadytext_users)', '42501'],
  sets: [`steadytext.steadytext_set_default_model('all-minilm-l6-v2')`, '42501'],
  enqueues: [`(steadytext.steadytext_embed_async('by code') is not null)`, 'true'],
};
const ANSWERS = Object.fromEntries(Object.entries(TRIES).map(([name, [, answer]]) => [name, answer]));

interface Setting {
  readonly alice: Session;
  readonly mallory: Session;
  readonly superuser: Session;
  /** Mallory's, with a table `loot`. */
  readonly schema: string;
  /** Statements of PL/pgSQL that try everything and put the answers into the loot, once. */
  readonly tries: string;
  loot(): Promise<Record<string, string>>;
}

async function withMallory(use: (setting: Setting) => Promise<void>): Promise<void> {
  const [alice, mallory] = [await queue.session('alice'), await queue.session('mallory')];
  const [worker, superuser] = [await queue.worker(), await queue.superuser()];
  const finished = await alice.value(`select steadytext_embed_async('finished')`);
  await worker.settle(await worker.claim({ embed: 1 }));
  const pending = await alice.value(`select steadytext_embed_async('pending')`);
  await mallory.rows(`select steadytext_embed_async('her own')`);
  const schema = freshName('owned');
  await superuser.rows(`create schema ${schema} authorization ${await nameOf(mallory)}`);
  await mallory.rows(`create table ${schema}.loot (attempt text, gain text)`);
  const tries = Object.entries(TRIES).map(([name, [expression]]) => {
    const asked = expression.replace('$finished', String(finished)).replace('$pending', String(pending));
    return `begin insert into ${schema}.loot select '${name}', ${asked}::text;
      exception when others then insert into ${schema}.loot values ('${name}', sqlstate); end;`;
  });
  const loot = async () => {
    const rows: Row[] = await superuser.rows(`delete from ${schema}.loot returning attempt, gain`);
    return Object.fromEntries(rows.map(({ attempt, gain }) => [attempt, gain]));
  };
  const once = `if not exists (select from ${schema}.loot) then ${tries.join('\n')} end if;`;
  try {
    await use({ alice, mallory, superuser, schema, tries: once, loot });
    // Whatever ran was hers, and nothing of alice's has changed.
    expect(
      await superuser.rows(`select distinct prompt, status, asked_by from steadytext_queue order by prompt`),
    ).toEqual([
      { prompt: 'by code', status: 'pending', asked_by: await nameOf(mallory) },
      { prompt: 'finished', status: 'completed', asked_by: await nameOf(alice) },
      { prompt: 'her own', status: 'pending', asked_by: await nameOf(mallory) },
      { prompt: 'pending', status: 'pending', asked_by: await nameOf(alice) },
    ]);
  } finally {
    await superuser.rows(`drop schema ${schema} cascade`);
  }
}

const nameOf = (session: Session) => session.value('select session_user::text');

test('an index function asks for the owner of the table, whoever analyzes, reindexes, clusters or refreshes', () =>
  withMallory(async ({ mallory, superuser, schema, tries, loot }) => {
    await mallory.rows(`create table ${schema}.t (i int)`);
    await mallory.rows(`insert into ${schema}.t values (1)`);
    await mallory.rows(
      `create function ${schema}.f(i int) returns int language plpgsql immutable as 'begin return i; end'`,
    );
    await mallory.rows(`create index t_f on ${schema}.t (${schema}.f(i))`);
    await mallory.rows(`cluster ${schema}.t using t_f`);
    await mallory.rows(`create materialized view ${schema}.m as select ${schema}.f(1)`);
    await mallory.rows(`create or replace function ${schema}.f(i int) returns int language plpgsql volatile as $$
      begin ${tries} return i; end $$`);
    for (const command of [
      `analyze ${schema}.t`,
      `vacuum full analyze ${schema}.t`,
      `reindex table ${schema}.t`,
      `cluster ${schema}.t`,
      `refresh materialized view ${schema}.m`,
    ]) {
      await superuser.rows(command);
      expect(await loot(), command).toEqual(ANSWERS);
    }
  }));

test('what a foreign key cascades into asks for the owner of that table, whoever deletes or updates', () =>
  withMallory(async ({ alice, mallory, superuser, schema, tries, loot }) => {
    const boss = await queue.session('boss', ['steadytext_admin']);
    const gateway = await queue.session('gateway', []);
    await superuser.rows(`grant ${await nameOf(alice)} to ${await nameOf(gateway)}`);
    await gateway.rows(`set role ${await nameOf(alice)}`);
    const shared = freshName('shared');
    await superuser.rows(`create table public.${shared} (id int primary key)`);
    try {
      await superuser.rows(`grant all on public.${shared} to steadytext_writer`);
      await mallory.rows(`create function ${schema}.f() returns trigger language plpgsql as $$
        begin ${tries} return coalesce(new, old); end $$`);
      for (const [action, statement] of [
        ['on delete cascade', `delete from public.${shared}`],
        ['on delete set null', `delete from public.${shared}`],
        ['on update cascade', `update public.${shared} set id = id + 1`],
      ] as const) {
        await superuser.rows(`truncate public.${shared} cascade`);
        await mallory.rows(`create table ${schema}.child (id int references public.${shared} ${action})`);
        await mallory.rows(
          `create trigger t before delete or update on ${schema}.child for each row execute function ${schema}.f()`,
        );
        for (const [who, session] of Object.entries({ superuser, boss, alice, gateway })) {
          await superuser.rows(`insert into public.${shared} values (1)`);
          await mallory.rows(`insert into ${schema}.child values (1)`);
          await session.rows(statement);
          expect(await loot(), `${who}: ${statement}, ${action}`).toEqual(ANSWERS);
          await superuser.rows(`truncate public.${shared} cascade`);
        }
        await mallory.rows(`drop table ${schema}.child`);
      }
    } finally {
      await superuser.rows(`drop table public.${shared} cascade`);
    }
  }));

test('a SECURITY DEFINER function asks for its owner, by the functions and by the table', () =>
  withMallory(async ({ alice, mallory, superuser, schema, tries, loot }) => {
    const boss = await queue.session('boss', ['steadytext_admin']);
    await superuser.rows(`grant usage on schema ${schema} to steadytext_writer`);
    await mallory.rows(`create function ${schema}.f() returns void language plpgsql security definer as $$
      begin ${tries} end $$`);
    for (const session of [alice, boss, superuser]) {
      await session.rows(`select ${schema}.f()`);
      expect(await loot()).toEqual(ANSWERS);
    }
  }));

test('who calls cannot be said by the caller', () =>
  withMallory(async ({ alice, mallory }) => {
    const name = await nameOf(alice);
    for (const statement of [
      `insert into steadytext_private.calls (asked_by, call, inputs) values ('${name}', 'embed', '{x}')`,
      `insert into steadytext_private.calls (asked_by, call, inputs) values (default, 'embed', '{x}')`,
      `insert into steadytext_private.calls values ('${name}', 'embed')`,
      `insert into steadytext_queue (prompt, request_type, asked_by) values ('x', 'embed', '${name}')`,
      'select * from steadytext_private.calls',
    ]) {
      await expect(mallory.rows(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
    // Nor by a view over it, whose defaults PostgreSQL writes without asking for a right.
    await mallory.rows('create temp view hers as select * from steadytext_private.calls');
    await mallory.rows(`alter view hers alter column asked_by set default '${name}'`);
    await mallory.rows(`insert into hers (call, inputs) values ('embed', '{by code}')`);
    // Said rightly it is only what the functions say.
    await mallory.rows(`insert into steadytext_private.calls (call, inputs) values ('embed', '{by code}')`);
  }));
