// Taking it all away again: the statements of the documentation, as the owner of the database.
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { setupSync } from '../../workers/queue/setup-sync.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase } from './world.ts';

test('the statements that take it away leave nothing of it, and it can be installed again', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES };
  const left = `
    select nspname::text as name from pg_namespace where nspname like 'steadytext%'
    union all select rolname from pg_roles where starts_with(rolname, $1)
    union all select setting from pg_db_role_setting, unnest(setconfig) as setting
      where setdatabase = (select oid from pg_database where datname = current_database())
    union all select 'default privileges' from pg_default_acl
    union all select acl::text from pg_database, unnest(datacl) as acl
      where datname = current_database() and acl::text like '%steadytext%'`;
  await migrate(options);
  await setupSync({ url: place.superuserUrl, rolePrefix: place.rolePrefix });
  // A login of the application, which stays, with what it owns.
  const app = new URL(await place.login()).username;
  await place.ask(`grant ${place.rolePrefix}steadytext_writer to ${app}`);
  await place.ask('create table notes (id int)');
  expect((await place.ask(left, [place.rolePrefix])).length).toBeGreaterThan(10);

  const page = readText('docs/configuration.md');
  const [statements] = fencedBlocks(page.slice(page.indexOf('## Taking it away')), 'sql');
  const named = statements!
    .replaceAll(/\b(?=steadytext_(?!private|boss))/g, place.rolePrefix)
    .replaceAll(/(?<=alter database )app/g, place.database);
  await using owner = await openClient(place.ownerUrl);
  await owner.query(named);
  expect(await place.ask(left, [place.rolePrefix])).toEqual([]);
  expect(await place.ask('select * from notes')).toEqual([]);
  expect(await migrate(options)).toMatchObject({ changed: true, bossInstalled: true });
});
