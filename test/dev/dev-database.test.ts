// The database of `steadytext dev`: the logins a real one has, no more rights than they need, the same at every start.
import { expect, test } from 'vitest';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { checkDatabase } from '../../workers/queue/migrate/check-database.ts';
import { openClient } from '../support/database.ts';
import { ask, emptyFolder, start } from './world.ts';

const options = { queues: MAINTENANCE_QUEUES };

test.each([15, 18] as const)(
  'on PostgreSQL %i it has an owner without superuser, a writer and a worker',
  async (version) => {
    const server = await start({ version, temporary: true });
    const { adminUrl, writerUrl, workerUrl, migrated } = await createDevDatabase(server, options);
    expect(migrated).toMatchObject({ changed: true, notGranted: [] });

    const [owner] = await ask(
      adminUrl,
      `select r.rolsuper, r.rolcreaterole, d.datdba = r.oid as owns, d.datname from pg_roles r, pg_database d
     where r.rolname = current_user and d.datname = current_database()`,
    );
    expect(owner).toEqual({ rolsuper: false, rolcreaterole: true, owns: true, datname: 'steadytext' });

    const [request] = await ask(writerUrl, `select steadytext_generate_async('Say hello') as id`);
    expect(request.id).toMatch(/^[0-9a-f-]{36}$/);
    await expect(ask(writerUrl, 'select steadytext_private.schema_version()')).rejects.toMatchObject({ code: '42501' });

    await using worker = await openClient(workerUrl);
    await checkDatabase(worker, 'steadytext');
    await expect(worker.query('select * from steadytext.steadytext_queue')).rejects.toMatchObject({ code: '42501' });
  },
);

test('its users have their rows before their first request', async () => {
  const server = await start({ version: 18, temporary: true });
  const { adminUrl, writerUrl } = await createDevDatabase(server, options);
  const users = await ask(adminUrl, 'select role_name from steadytext.steadytext_users order by 1');
  expect(users).toEqual([{ role_name: 'admin' }, { role_name: 'app' }]);
  expect((await ask(writerUrl, 'select current_user_id() as id'))[0].id).toBeGreaterThan(0);
});

test('a second start prints the same addresses, migrates nothing, and keeps the requests', async () => {
  const dataDir = emptyFolder();
  const first = await start({ version: 18, dataDir });
  const before = await createDevDatabase(first, options);
  await ask(before.writerUrl, `select steadytext_generate_async('Say hello')`);
  await first.stop();
  const after = await createDevDatabase(await start({ version: 18, dataDir }), options);
  expect(after).toMatchObject({ adminUrl: before.adminUrl, writerUrl: before.writerUrl, workerUrl: before.workerUrl });
  expect(after.migrated.changed).toBe(false);
  expect(await ask(after.adminUrl, 'select count(*)::int from steadytext.steadytext_queue')).toEqual([{ count: 1 }]);
});
