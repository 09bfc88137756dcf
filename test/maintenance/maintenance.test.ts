import { expect, onTestFinished, test } from 'vitest';
import { MAINTENANCE_QUEUES, MAINTENANCE_TASKS } from '../../workers/maintenance/queues.ts';
import { TASKS } from '../../workers/maintenance/tasks.ts';
import { QueueClient } from '../../workers/queue/client.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { kept, silent } from '../fleet/support/parts.ts';
import { startBouncer } from '../support/bouncer.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startListened } from './listened.ts';

const database = useDatabase();
const asSuperuser = (text: string, values?: unknown[]) => database.query(database.superuserUrl, text, values);

const start = (url: string = database.workerUrl) => startListened(url);

test('runs every task as the worker login, which may make nothing', async () => {
  await migrate({ url: database.adminUrl, queues: MAINTENANCE_QUEUES });
  const { maintenance, warnings } = start();
  await waitFor(() => maintenance.running, 'pg-boss to run');
  const schedules = await asSuperuser('select name, cron from steadytext_boss.schedule order by name');
  expect(schedules).toEqual(MAINTENANCE_TASKS.toSorted().map((name) => ({ name, cron: TASKS[name].cron })));

  await runAllNow();
  expect(warnings).toEqual([]);
});

test('runs every task behind a bouncer in transaction mode', async (context) => {
  const bouncer = await startBouncer(context, [database.workerUrl]);
  await asSuperuser('delete from steadytext_boss.job');
  const { maintenance, warnings } = start(bouncer.url(database.workerUrl));
  await waitFor(() => maintenance.running, 'pg-boss to run');
  await runAllNow();
  expect(warnings).toEqual([]);
});

/** What its clock will send at the due minute, sent now. */
async function runAllNow() {
  for (const name of MAINTENANCE_TASKS) await asSuperuser('insert into steadytext_boss.job (name) values ($1)', [name]);
  const done = `select count(*)::int as done from steadytext_boss.job where name = any ($1) and state = 'completed'`;
  await waitFor(async () => (await asSuperuser(done, [MAINTENANCE_TASKS]))[0].done >= 5, 'all five to be done');
}

test('each task can be run twice', async () => {
  const db = new QueueClient({ url: database.workerUrl, privateSchema: 'steadytext_private', name: 'tasks' });
  onTestFinished(() => db.close());
  for (const name of [...MAINTENANCE_TASKS, ...MAINTENANCE_TASKS]) await TASKS[name].run(db, silent, []);
});

test('retention is tried at every hour: a nightly backup holds the logs at the same one every night', () => {
  expect(TASKS.retention.cron).toMatch(/^\d+ \* \* \* \*$/);
});

test('prunes page by page until nothing is due', async () => {
  await asSuperuser(`select steadytext_embed_batch_async(array(select 'x' from generate_series(1, 1001)))`);
  await asSuperuser('select count(steadytext_cancel_async(request_id)) from steadytext_queue');
  await asSuperuser(`update steadytext_queue set completed_at = completed_at - interval '8 days'`);
  const db = new QueueClient({ url: database.workerUrl, privateSchema: 'steadytext_private', name: 'tasks' });
  onTestFinished(() => db.close());
  await TASKS.prune.run(db, silent, []);
  expect(await asSuperuser('select count(*)::int as left from steadytext_queue')).toEqual([{ left: 0 }]);
});

test('takes over what the database says of settings, and tells once what it cannot', async () => {
  const db = new QueueClient({ url: database.workerUrl, privateSchema: 'steadytext_private', name: 'tasks' });
  onTestFinished(() => db.close());
  const { lines, log } = kept();
  const say = (change: string) => asSuperuser(`alter database ${database.name} ${change}`);
  const of = (name: string) => asSuperuser('select steadytext_config_get($1) as value', [name]);
  await say(`set steadytext.max_documents = 7`);
  await say(`set steadytext.queue_retention = 'ever'`);
  for (let i = 0; i < 3; i++) await TASKS.settings.run(db, log, []);
  expect(await of('max_documents')).toEqual([{ value: '7' }]);
  expect(await of('queue_retention')).toEqual([{ value: '7 days' }]);
  const told = (value: string) => ({
    level: 'warn',
    msg: 'setting not taken over',
    setting: 'queue_retention',
    outcome: 'refused',
    detail: `queue_retention should be a number and a unit, from 1 hour to 100 years, but is "${value}".`,
  });
  expect(lines).toMatchObject([told('ever')]);
  await say(`set steadytext.queue_retention = 'never'`);
  await TASKS.settings.run(db, log, []);
  expect(lines).toMatchObject([told('ever'), told('never')]);
  for (const name of ['max_documents', 'queue_retention']) await say(`reset steadytext.${name}`);
  await TASKS.settings.run(db, log, []);
  expect(await of('max_documents')).toEqual([{ value: '1000' }]);
  expect(lines).toHaveLength(2);
});

const coming = `select count(*)::int as weeks from pg_class where relname ~ '^steadytext_(request|audit)_log_[0-9]{8}$'`;

async function dropComingWeeks() {
  const rows = await asSuperuser(`select oid::regclass::text as name from pg_class
    where relname ~ '^steadytext_(request|audit)_log_[0-9]{8}$' and to_date(right(relname, 8), 'YYYYMMDD') > now()`);
  for (const { name } of rows) await asSuperuser(`drop table ${name}`);
}

test('makes the coming weeks of the logs when it starts, before any schedule', async () => {
  await dropComingWeeks();
  const { warnings } = start();
  await waitFor(async () => (await asSuperuser(coming))[0].weeks === 10, 'the weeks');
  expect(warnings).toEqual([]);
});

test('runs its schedules when the weeks cannot be made at its start', async () => {
  await asSuperuser('revoke execute on function steadytext_private.extend_partitions from steadytext_worker');
  const { maintenance, warnings } = start();
  await waitFor(() => maintenance.running, 'pg-boss to run');
  expect(warnings[0]).toMatchObject(['maintenance failed', { task: 'partitions' }]);
  await asSuperuser('grant execute on function steadytext_private.extend_partitions to steadytext_worker');
});

test('without its schema it says so and tries again later, and stops when asked', async () => {
  await asSuperuser('drop schema steadytext_boss cascade');
  const { maintenance, warnings } = start();
  await waitFor(() => warnings.length > 0, 'the warning');
  expect(warnings[0]).toMatchObject(['maintenance did not start', { retryInMs: 30_000 }]);
  expect(maintenance.running).toBe(false);
  const began = performance.now();
  await maintenance.stop();
  expect(performance.now() - began).toBeLessThan(5000);
});
