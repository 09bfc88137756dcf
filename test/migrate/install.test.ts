// What a first migrate leaves: the repository's own files in an empty database, as its ordinary owner.
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, type Place, project } from './world.ts';

async function objectsNotOwnedBy(place: Place, owner: string): Promise<string[]> {
  const rows = await place.ask(
    `select kind || ' ' || name as object from (
       select 'relation' as kind, oid::regclass::text as name, relnamespace as namespace, relowner as owner from pg_class
       union all select 'routine', oid::regprocedure::text, pronamespace, proowner from pg_proc
       union all select 'type', oid::regtype::text, typnamespace, typowner from pg_type
       union all select 'schema', nspname, oid, nspowner from pg_namespace) o
     join pg_namespace n on n.oid = o.namespace
     where n.nspname ~ '^steadytext(_private|_boss)?$' and pg_get_userbyid(o.owner) <> $1`,
    [owner],
  );
  return rows.map(({ object }) => object);
}

test('the owner of a database, no superuser, installs all of it, and a second run finds nothing to do', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES };
  const first = await migrate(options);
  expect(first).toMatchObject({ changed: true, bossInstalled: true, notGranted: [], attempts: 1 });
  expect(first.migrations.length).toBeGreaterThan(0);
  expect(first.files.length).toBeGreaterThan(0);
  expect(first.queues).toEqual(MAINTENANCE_QUEUES.map(({ name }) => name));
  expect(await migrate(options)).toMatchObject({
    changed: false,
    roles: [],
    migrations: [],
    files: [],
    queues: [],
    searchPath: null,
  });
});

test('everything belongs to the owner role, which can neither log in nor is a superuser', async () => {
  const place = await emptyDatabase();
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES });
  const owner = `${place.rolePrefix}steadytext_owner`;
  expect(await objectsNotOwnedBy(place, owner)).toEqual([]);
  expect(
    await place.ask('select rolcanlogin, rolsuper, rolcreaterole from pg_roles where rolname = $1', [owner]),
  ).toEqual([{ rolcanlogin: false, rolsuper: false, rolcreaterole: false }]);
});

test('a superuser may install too, and the owner role owns it all the same', async () => {
  const place = await emptyDatabase();
  await migrate({ url: place.superuserUrl, rolePrefix: place.rolePrefix, root: project() });
  expect(await objectsNotOwnedBy(place, `${place.rolePrefix}steadytext_owner`)).toEqual([]);
});

test('the names resolve unqualified afterwards, with the API schema last on the path', async () => {
  const place = await emptyDatabase();
  const report = await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });
  expect(report.searchPath).toBe(`alter database ${place.database} set search_path = "$user", public, steadytext;`);
  await using client = await openClient(place.ownerUrl);
  expect((await client.query('show search_path')).rows).toEqual([{ search_path: '"$user", public, steadytext' }]);
  expect((await client.query('select count_notes()')).rows).toEqual([{ count_notes: '0' }]);
});

test('a path that the database had is kept in front of the API schema', async () => {
  const place = await emptyDatabase();
  await place.ask(`alter database ${place.database} set search_path = shop, "Odd name", public`);
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });
  await using client = await openClient(place.ownerUrl);
  expect((await client.query('show search_path')).rows).toEqual([
    { search_path: 'shop, "Odd name", public, steadytext' },
  ]);
});

test.each([
  ['pg_temp,"$user","A=b",public', 'pg_temp, "$user", "A=b", public, steadytext'],
  [
    '"a, b", "say ""so""", "select", "default", "tab\tbed", public',
    '"a, b", "say ""so""", "select", "default", "tab\tbed", public, steadytext',
  ],
  ["''", 'steadytext'],
  // Kept by the server as it was written, since it comes from a setting and not from identifiers.
  ['from current', 'mixed, x-y, "$user", "Quoted=1", public, steadytext'],
])('a path of the database keeps every name it holds: %s', async (path, extended) => {
  const place = await emptyDatabase();
  await using superuser = await openClient(place.superuserUrl);
  await superuser.query(`select set_config('search_path', 'Mixed,x-y , $user,"Quoted=1",PUBLIC', false)`);
  await superuser.query(
    `alter database ${place.database} set search_path ${path === 'from current' ? path : `= ${path}`}`,
  );
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() };
  await migrate(options);
  await using client = await openClient(place.ownerUrl);
  const { rows } = await client.query('show search_path');
  expect(rows).toEqual([{ search_path: extended.replace('x-y', '"x-y"') }]);
  expect((await migrate({ ...options, check: true })).changed).toBe(false);
});

test('a path that names the API schema in its own way is left as it is', async () => {
  const place = await emptyDatabase();
  await using superuser = await openClient(place.superuserUrl);
  await superuser.query(`select set_config('search_path', 'SteadyText, public', false)`);
  await superuser.query(`alter database ${place.database} set search_path from current`);
  const report = await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });
  expect(report.searchPath).toBeNull();
});

test.each([
  'standard_conforming_strings = off',
  'quote_all_identifiers = on',
  'extra_float_digits = -15',
  'default_tablespace = pg_default',
])('a database that is set to %s is migrated like any other', async (setting) => {
  const place = await emptyDatabase();
  await place.ask(`alter database ${place.database} set ${setting}`);
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, queues: MAINTENANCE_QUEUES };
  expect((await migrate(options)).searchPath).toMatch(/"\$user", public, steadytext;$/);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
  // The session itself stays as it was set.
  await using client = await openClient(place.ownerUrl);
  const [name, value] = setting.split(' = ');
  await migrate({ client, rolePrefix: place.rolePrefix });
  expect((await client.query(`show ${name}`)).rows).toEqual([{ [name!]: value }]);
});

test('with searchPath: false the path stays as it is', async () => {
  const place = await emptyDatabase();
  const report = await migrate({
    url: place.ownerUrl,
    rolePrefix: place.rolePrefix,
    root: project(),
    searchPath: false,
  });
  expect(report.searchPath).toBeNull();
  await using client = await openClient(place.ownerUrl);
  expect((await client.query('show search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
});

test.each(['public', 'ai', 'x'.repeat(41)])('the schema may be %s', async (schema) => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, schema, queues: MAINTENANCE_QUEUES };
  expect((await migrate(options)).changed).toBe(true);
  expect((await migrate(options)).changed).toBe(false);
  const schemas = await place.ask(
    `select distinct n.nspname as name from pg_namespace n join pg_class c on c.relnamespace = n.oid
     where c.relname in ('steadytext_queue', 'applied_files', 'schedule') order by 1`,
  );
  const base = schema === 'public' ? 'steadytext' : schema;
  expect(schemas.map(({ name }) => name)).toEqual([schema, `${base}_boss`, `${base}_private`].sort());
});

test('two installations live in one database, and one schema cannot be taken for the other', async () => {
  const place = await emptyDatabase();
  const common = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() };
  expect(await migrate({ ...common, schema: 'public' })).toMatchObject({ beside: [] });
  expect(await migrate({ ...common, schema: 'ai', check: true })).toMatchObject({ beside: ['steadytext'] });
  expect(await migrate({ ...common, schema: 'ai' })).toMatchObject({ beside: ['steadytext'] });
  expect(await migrate({ ...common, schema: 'ai' })).toMatchObject({ beside: [] });
  await expect(migrate({ ...common, schema: 'steadytext' })).rejects.toMatchObject({
    name: 'InvalidConfiguration',
    message: expect.stringContaining('belongs to the one in public'),
    hint: expect.stringContaining('--schema public'),
  });
});

test('a schema that is a part of another installation is refused, and that one named', async () => {
  const place = await emptyDatabase();
  const common = { url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() };
  await migrate({ ...common, schema: 'ai' });
  await migrate({ ...common, schema: 'ml_private' });
  for (const [schema, other] of [
    ['ai_private', 'ai'],
    ['ai_boss', 'ai'],
    ['ml', 'ml_private'],
  ])
    for (const check of [true, false])
      await expect(migrate({ ...common, schema: schema!, check })).rejects.toMatchObject({
        name: 'InvalidConfiguration',
        message: expect.stringContaining(`belongs to the installation ${other}`),
        hint: expect.stringContaining(`--schema ${other} `),
      });
  for (const schema of ['ai', 'ml_private'])
    expect(await migrate({ ...common, schema, check: true })).toMatchObject({ changed: false });
});

test('where not everybody may read which cluster it is, the grant that is missing is told', async () => {
  const place = await emptyDatabase();
  await place.ask('revoke execute on function pg_control_system() from public');
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await expect(migrate(options)).rejects.toMatchObject({
    name: 'MissingRights',
    hint: expect.stringContaining('grant execute on function pg_catalog.pg_control_system() to'),
  });
  await place.ask('grant execute on function pg_catalog.pg_control_system() to public');
  await migrate(options);
  const owner = `${place.rolePrefix}steadytext_owner`;
  await place.ask(`revoke execute on function pg_control_system() from public;
    grant execute on function pg_catalog.pg_control_system() to ${owner}`);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false });
  await using writer = await openClient(await place.login(`in role ${place.rolePrefix}steadytext_writer`));
  await writer.query(`select steadytext_embed_async('x')`);
  await place.ask(`revoke execute on function pg_control_system() from ${owner}`);
});

test('another role prefix than at the installation is refused, and named', async () => {
  const place = await emptyDatabase();
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });
  await expect(
    migrate({ url: place.ownerUrl, rolePrefix: `${place.rolePrefix}b_`, root: project() }),
  ).rejects.toMatchObject({
    name: 'InvalidConfiguration',
    hint: expect.stringContaining(place.rolePrefix),
  });
});

test.each(['Steady', 'a-b', '1a', 'pg_mine', '', 'x'.repeat(42), 'a"; drop table x; --'])(
  'the schema name %j is refused before anything is done',
  async (schema) => {
    await expect(migrate({ url: 'postgres://nobody@127.0.0.1:1/none', schema })).rejects.toMatchObject({
      name: 'InvalidConfiguration',
    });
  },
);

test('a word of SQL is refused as a schema name', async () => {
  const place = await emptyDatabase();
  await expect(migrate({ url: place.ownerUrl, schema: 'order', root: project() })).rejects.toMatchObject({
    name: 'InvalidConfiguration',
    message: expect.stringContaining('order'),
  });
});

test('a database that cannot hold every text is refused, whatever its server', async () => {
  const place = await emptyDatabase();
  const name = `${place.database}_latin`;
  await place.ask(`create database ${name} owner ${place.owner.name} encoding 'LATIN1' locale 'C' template template0`);
  const url = new URL(place.ownerUrl);
  url.pathname = `/${name}`;
  await expect(migrate({ url: url.href, rolePrefix: place.rolePrefix, root: project() })).rejects.toMatchObject({
    name: 'EncodingUnsupported',
    message: expect.stringContaining('LATIN1'),
  });
  await place.ask(`drop database ${name} with (force)`);
});

test('a server that does not answer is named, and the password is not', async () => {
  const attempt = migrate({ url: 'postgres://me:hunter2@127.0.0.1:1/shop' });
  await expect(attempt).rejects.toMatchObject({
    name: 'DatabaseUnreachable',
    message: expect.stringContaining('127.0.0.1:1/shop'),
  });
  await expect(attempt).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
});
