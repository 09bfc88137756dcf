// A migration beside others' work: what it waits for, what waits for it, and when it takes no lock at all.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { LOCK_BUDGET_MS, lockBudget, retryPauseMs } from '../../workers/queue/migrate/lock-budget.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { namesOf } from '../../workers/queue/migrate/names.ts';
import { tablesToLock } from '../../workers/queue/migrate/table-locks.ts';
import { openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const LONGEST_WAIT_MS = 2000;

test('with nothing to do it takes no lock on any table but its own notes, whoever holds what', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES };
  await migrate(options);
  await using holder = await openClient(place.superuserUrl);
  const { rows } = await holder.query(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname ~ '^steadytext' and c.relkind in ('r', 'p') and c.relname not in ('installation', 'applied_files', 'applied_migrations')`,
  );
  await holder.query('begin');
  for (const { name } of rows) await holder.query(`lock table ${name} in access exclusive mode`);
  // Even a plain read of any of them would wait here.
  expect(await migrate({ ...options, patienceMs: 5000 })).toMatchObject({ changed: false, attempts: 1 });
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false });
  await holder.query('rollback');
});

test('with nothing to do, an open reader and an open writer do not hold it up', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() };
  await migrate(options);
  await using reader = await openClient(place.superuserUrl);
  await using writer = await openClient(place.superuserUrl);
  await reader.query('begin; select * from steadytext.notes');
  await writer.query(`begin; insert into steadytext.notes (body) values ('open')`);
  expect(await migrate(options)).toMatchObject({ changed: false, attempts: 1 });
  await Promise.all([reader.query('rollback'), writer.query('rollback')]);
});

test('replacing functions waits for no reader or writer, and none waits for it', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project() });
  await using holder = await openClient(place.superuserUrl);
  await holder.query('begin; lock table steadytext.notes in exclusive mode');
  const changed = project({
    'sql/private/stamp_note.sql': NOTES['sql/private/stamp_note.sql']!.replace('trim(', 'ltrim('),
  });
  expect(await migrate({ ...options, root: changed })).toMatchObject({ changed: true, attempts: 1 });
  await holder.query('rollback');
});

test.each([
  ['replacing functions', 'steadytext.notes', { function: '-- changed', queues: [] }],
  ['making a queue of pg-boss', 'steadytext_boss.queue', { function: '', queues: [{ name: 'another' }] }],
])('%s, it gives way to somebody who holds %s against readers, and names them in the end', async (_, table, change) => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project(), queues: MAINTENANCE_QUEUES });
  await using holder = await openClient(place.superuserUrl);
  // A wait without an end of its own would end with the holder, and the migration go through.
  await holder.query(`set application_name = 'vacuum full'; set idle_in_transaction_session_timeout = '10s'`);
  await holder.query(`begin; lock table ${table} in access exclusive mode`);
  const root = project({ 'sql/private/stamp_note.sql': `${NOTES['sql/private/stamp_note.sql']}${change.function}` });
  const changed = { ...options, root, queues: [...MAINTENANCE_QUEUES, ...change.queues] };
  await expect(migrate({ ...changed, patienceMs: 1500 })).rejects.toMatchObject({
    name: 'MigrationBlocked',
    message: expect.stringContaining('vacuum full'),
  });
  await holder.query('rollback');
  expect(await migrate(changed)).toMatchObject({ changed: true });
});

interface Load {
  /** The longest time one statement of anybody took. */
  longest(): number;
  count(): number;
  stop(): Promise<void>;
}

const NOTES_LOAD = [
  `insert into steadytext.notes (body) values ('x')`,
  'select * from steadytext.notes order by id desc limit 1',
];

/** Clients at these statements in turn, each with one after the other; an error of any ends the test. */
async function underLoad(place: Place, clients: number, statements: readonly string[]): Promise<Load> {
  let running = true;
  let longest = 0;
  let count = 0;
  const one = async (statement: string) => {
    await using client = await openClient(place.superuserUrl);
    while (running) {
      const started = performance.now();
      await client.query(statement);
      longest = Math.max(longest, performance.now() - started);
      count++;
      await delay(1);
    }
  };
  const all = Array.from({ length: clients }, (_, index) => one(statements[index % statements.length]!));
  return {
    longest: () => longest,
    count: () => count,
    stop: async () => {
      running = false;
      await Promise.all(all);
    },
  };
}

test('with a long reader and a load, it tries until the reader has ended, and nobody waits 2 s because of it', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project() });
  const changed = project({
    'migrations/0003_add_rank.sql': 'alter table @extschema@.notes add column rank int;',
    'sql/policies/own_notes.sql': `${NOTES['sql/policies/own_notes.sql']}\n-- changed`,
    'sql/triggers/stamp_note.sql': `${NOTES['sql/triggers/stamp_note.sql']}\n-- changed`,
  });
  const load = await underLoad(place, 4, NOTES_LOAD);
  await using reader = await openClient(place.superuserUrl);
  await reader.query('begin; select count(*) from steadytext.notes');
  let ended = false;
  const migrating = migrate({ ...options, root: changed }).finally(() => {
    ended = true;
  });
  // The reader stays until the migration has given way several times.
  const waits = async () =>
    (await place.ask(`select from pg_locks where not granted and relation = 'steadytext.notes'::regclass`)).length > 0;
  for (let times = 0; times < 3; times++) {
    await waitFor(waits, 'the migration to wait for the reader');
    await waitFor(async () => !(await waits()), 'the migration to give way');
  }
  const before = load.count();
  expect(ended).toBe(false);
  await reader.query('rollback');
  const report = await migrating;
  await waitFor(() => load.count() > before + 20, 'the load to go on');
  await load.stop();
  expect(report.attempts).toBeGreaterThan(1);
  expect(load.longest()).toBeLessThan(LONGEST_WAIT_MS);
}, 120_000);

test('every file of the repository is applied again under a load, and nobody waits 2 s or sees an error', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate(options);
  await place.ask(`update steadytext_private.applied_files set hash = 'as of an earlier version'`);
  const load = await underLoad(place, 4, [
    `select steadytext.steadytext_generate_async('Say hello')`,
    'select count(*) from (select from steadytext.steadytext_queue limit 10) q',
    `select count(*) from steadytext_private.claim_requests(gen_random_uuid(), array['generate'], array['smollm2-135m-instruct'], array[5])`,
    `select count(*) from steadytext_private.promote_requests(10)`,
  ]);
  await waitFor(() => load.count() > 40, 'the load to run');
  const { files } = await migrate(options);
  const before = load.count();
  await waitFor(() => load.count() > before + 40, 'the load to go on');
  await load.stop();
  expect(files.length).toBeGreaterThan(50);
  expect(load.longest()).toBeLessThan(LONGEST_WAIT_MS);
}, 120_000);

test('clients that wait for results in turn, so that one always does, leave room for a migration', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate(options);
  const [{ id }] = await place.ask(`select steadytext.steadytext_generate_async('never') as id`);
  const wait = (seconds: number) => `do $$ begin
    perform steadytext.steadytext_get_async_result('${id}', ${seconds});
  exception when raise_exception then null; end $$`;
  const load = await underLoad(place, 4, [wait(2), wait(3)]);
  const asleep = `select from pg_stat_activity where datname = $1 and wait_event = 'PgSleep'`;
  await waitFor(async () => (await place.ask(asleep, [place.database])).length >= 3, 'the clients to wait');
  const policy = 'sql/policies/queue_own_rows.sql';
  await place.ask(`update steadytext_private.applied_files set hash = 'as of before' where path = $1`, [policy]);
  const migrating = migrate({ ...options, patienceMs: 10_000 });
  await migrating.finally(load.stop);
  expect((await migrating).files).toContain(policy);
}, 60_000);

test('when nobody makes room it gives up, changes nothing, and names who held the lock', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project() });
  await using reader = await openClient(place.superuserUrl);
  await reader.query(`set application_name = 'nightly report'; begin; select count(*) from steadytext.notes`);
  const changed = project({ 'sql/policies/own_notes.sql': `${NOTES['sql/policies/own_notes.sql']}\n-- changed` });
  await expect(migrate({ ...options, root: changed, patienceMs: 1500 })).rejects.toMatchObject({
    name: 'MigrationBlocked',
    message: expect.stringMatching(/nightly report.*notes/),
    hint: expect.stringContaining('Nothing was changed'),
  });
  await reader.query('rollback');
  expect(await migrate({ ...options, root: changed })).toMatchObject({ changed: true, attempts: 1 });
});

test('all waits of one attempt together stay within its budget, whose clock starts with the first', () => {
  let now = 1000;
  const budget = lockBudget(LOCK_BUDGET_MS, () => now);
  now += 9000;
  expect(budget.remaining()).toBe(LOCK_BUDGET_MS);
  now += 300;
  expect(budget.remaining()).toBe(LOCK_BUDGET_MS - 300);
  now += 5000;
  expect(budget.remaining()).toBe(0);
});

test('the tables that files lock are known from their text', () => {
  const file = (text: string) => ({ path: 'sql/policies/x.sql', text, hash: '' });
  const locked = (text: string) => tablesToLock([file(text)], namesOf('ai'));
  expect(
    locked('drop policy if exists a on @extschema@.notes;\ncreate policy a on @extschema@.notes using (true);'),
  ).toEqual(['ai.notes']);
  expect(
    locked('create or replace trigger t before insert on @extschema@.tags execute function @privschema@.f();'),
  ).toEqual(['ai.tags']);
  expect(locked('ALTER TABLE IF EXISTS ONLY @privschema@.b ADD c int; alter table @extschema@.a add d int;')).toEqual([
    'ai.a',
    'ai_private.b',
  ]);
  expect(locked('create or replace view @extschema@.v as select * from @extschema@.notes;')).toEqual(['ai.v']);
  expect(locked('drop table if exists @extschema@.old; create unique index on @extschema@.a (b);')).toEqual([
    'ai.a',
    'ai.old',
  ]);
  expect(locked('create table @extschema@.fresh (a int); select @privschema@.f();')).toEqual([]);
});

test('locks on several tables are had although others hold and want them crosswise', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project() });
  // The migration is told of a deadlock within a wait of its own, which otherwise ends before the server looks for one.
  await place.ask(`alter role ${place.owner.name} set deadlock_timeout = '20ms'`);
  const load = await underLoad(place, 4, [
    'begin; select from steadytext.notes limit 1; select pg_sleep(0.01); insert into steadytext.tags values (1, $$x$$); commit',
    'begin; select from steadytext.tags limit 1; select pg_sleep(0.01); insert into steadytext.notes (body) values ($$x$$); commit',
  ]);
  await waitFor(() => load.count() > 40, 'the load to run');
  const both = {
    'migrations/0003_both.sql': 'alter table @extschema@.notes add a int; alter table @extschema@.tags add a int;',
  };
  const report = await migrate({ ...options, root: project(both) });
  await load.stop();
  expect(report.migrations).toHaveLength(1);
  expect(load.longest()).toBeLessThan(LONGEST_WAIT_MS);
}, 120_000);

test('pauses between attempts grow, up to a bound, and are never the same for two', () => {
  const pauses = (random: number) => [1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => retryPauseMs(attempt, random));
  expect(pauses(0)).toEqual([300, 600, 1200, 2400, 4800, 9600, 9600, 9600]);
  expect(pauses(0.5)).toEqual([450, 900, 1800, 3600, 7200, 14400, 14400, 14400]);
});
