// The schema of pg-boss that a migrate leaves: workers run on it and change nothing of it, and its queues are as they are named.
import { PgBoss } from 'pg-boss';
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { emptyDatabase, project } from './world.ts';

test('a worker login runs pg-boss on its schema, and can make nothing there', async () => {
  const place = await emptyDatabase();
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES });
  const url = await place.login(`in role ${place.rolePrefix}steadytext_worker`);
  const boss = new PgBoss({
    connectionString: url,
    schema: 'steadytext_boss',
    migrate: false,
    createSchema: false,
    supervise: false,
  });
  const errors: unknown[] = [];
  boss.on('error', (error) => errors.push(error));
  await boss.start();
  const done: unknown[] = [];
  await boss.work('prune', { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    done.push(job?.data);
  });
  await boss.send('prune', { limit: 1 });
  await waitFor(() => done.length > 0, 'the job to run');
  await boss.schedule('prune', '* * * * *');
  await boss.stop({ graceful: true });
  expect(done).toEqual([{ limit: 1 }]);
  expect(errors).toEqual([]);
  await using client = await openClient(url);
  await expect(client.query('create table steadytext_boss.mine (a int)')).rejects.toMatchObject({ code: '42501' });
  await expect(client.query('create schema mine')).rejects.toMatchObject({ code: '42501' });
  await expect(client.query('drop table steadytext_boss.job')).rejects.toMatchObject({ code: '42501' });
});

test('a queue with other options is made again, one that is not wanted any more goes, the rest stay', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() };
  const names = async () =>
    (await place.ask('select name, retry_limit from steadytext_boss.queue order by name')) as unknown[];
  await migrate({ ...options, queues: [{ name: 'keep' }, { name: 'change' }, { name: 'go' }] });
  const report = await migrate({
    ...options,
    queues: [{ name: 'keep' }, { name: 'change', options: { retryLimit: 7 } }],
  });
  expect(report).toMatchObject({ changed: true, queues: ['change'], bossInstalled: false, files: [] });
  expect(await names()).toEqual([
    { name: 'change', retry_limit: 7 },
    { name: 'keep', retry_limit: 2 },
  ]);
  expect((await migrate(options)).changed).toBe(false);
});

test('an older form of the pg-boss schema is made anew, a newer one refused', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project(), queues: [{ name: 'prune' }] };
  await migrate(options);
  const [{ boss_version: version }] = await place.ask('select boss_version from steadytext_private.installation');
  await place.ask('update steadytext_private.installation set boss_version = $1', [version - 1]);
  expect(await migrate(options)).toMatchObject({ bossInstalled: true, queues: ['prune'] });
  await place.ask('update steadytext_private.installation set boss_version = $1', [version + 1]);
  await expect(migrate(options)).rejects.toMatchObject({ name: 'DatabaseNewer' });
});
