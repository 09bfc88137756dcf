// A migration beside others' work: what it waits for, what waits for it, and when it takes no lock at all.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { LOCK_BUDGET_MS, lockBudget, retryPauseMs } from '../../workers/queue/migrate/lock-budget.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
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

interface Load {
  /** The longest time one statement of anybody took. */
  longest(): number;
  count(): number;
  stop(): Promise<void>;
}

/** Writers and readers, each with one statement after the other. */
async function underLoad(place: Place, clients: number): Promise<Load> {
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
  const statements = [
    `insert into steadytext.notes (body) values ('x')`,
    'select * from steadytext.notes order by id desc limit 1',
  ];
  const all = Array.from({ length: clients }, (_, index) => one(statements[index % 2]!));
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
  const load = await underLoad(place, 4);
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

test('all waits of one attempt together stay within its budget', () => {
  let now = 1000;
  const budget = lockBudget(LOCK_BUDGET_MS, () => now);
  expect(budget.settingFor()).toBe(`set local lock_timeout = ${LOCK_BUDGET_MS};`);
  now += 300;
  expect(budget.settingFor()).toBe(`set local lock_timeout = ${LOCK_BUDGET_MS - 300};`);
  now += 5000;
  expect(budget.settingFor()).toBe('set local lock_timeout = 20;');
});

test('pauses between attempts grow, up to a bound, and are never the same for two', () => {
  expect([1, 2, 3, 4, 50].map((attempt) => retryPauseMs(attempt, 0))).toEqual([300, 600, 1200, 1200, 1200]);
  expect([1, 2, 3, 4, 50].map((attempt) => retryPauseMs(attempt, 0.5))).toEqual([450, 900, 1800, 1800, 1800]);
});
