// History: applied once, in order, never edited; and databases that are not what this version knows.
import { expect, test } from 'vitest';
import { checkDatabase } from '../../workers/queue/migrate/check-database.ts';
import { assertSupported, type Facts } from '../../workers/queue/migrate/facts.ts';
import { migrate, printRoles } from '../../workers/queue/migrate/migrate.ts';
import { namesOf } from '../../workers/queue/migrate/names.ts';
import { compareReleases } from '../../workers/queue/migrate/release.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const optionsAt = (place: Place, root: string) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root });
const FIRST = 'migrations/0001_create_notes.sql';
const COUNT = 'sql/api/notes/count_notes.sql';

test('migrations are applied once each, in order', async () => {
  const place = await emptyDatabase();
  expect((await migrate(optionsAt(place, project()))).migrations).toEqual([FIRST, 'migrations/0002_create_tags.sql']);
  const third = { 'migrations/0003_add_rank.sql': 'alter table @extschema@.tags add column rank int;' };
  expect((await migrate(optionsAt(place, project(third)))).migrations).toEqual(['migrations/0003_add_rank.sql']);
  expect((await migrate(optionsAt(place, project(third)))).changed).toBe(false);
  expect(await place.ask('select number, path from steadytext_private.applied_migrations order by number')).toEqual([
    { number: 1, path: FIRST },
    { number: 2, path: 'migrations/0002_create_tags.sql' },
    { number: 3, path: 'migrations/0003_add_rank.sql' },
  ]);
});

test('edited history stops it and names the file', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  const edited = { [FIRST]: `${NOTES[FIRST]} -- a word more` };
  await expect(migrate(optionsAt(place, project(edited)))).rejects.toMatchObject({
    name: 'HistoryEdited',
    code: 'ST056',
    message: expect.stringContaining(FIRST),
    hint: expect.stringContaining('new migration'),
  });
  await expect(migrate({ ...optionsAt(place, project(edited)), check: true })).rejects.toMatchObject({
    name: 'HistoryEdited',
  });
});

test('a database that is newer than this version is refused', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project({ 'migrations/0003_more.sql': 'create table @extschema@.more (a int);' })));
  await expect(migrate(optionsAt(place, project()))).rejects.toMatchObject({
    name: 'DatabaseNewer',
    message: expect.stringMatching(/at migration 2 or before.*is at 3/),
  });
});

test('what stands in the way of a migration or a file is named as the server names it', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  await place.ask(`
    create table public.visits (notes bigint default steadytext.count_notes());
    create view public."so\nhint: many" as select steadytext.count_notes()`);
  const dropped = { 'migrations/0003_drop_count.sql': 'drop function @extschema@.count_notes();' };
  await expect(migrate(optionsAt(place, project(dropped)))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringMatching(
      /0003_drop_count\.sql .* other objects depend on it\n {2}default value for column notes of table .*visits depends on .*\n {2}view .*"so\n {2}hint: many" depends/,
    ),
    hint: expect.stringMatching(/^Nothing was changed\. .*\. The server's own hint: .*CASCADE/),
  });
  const returns = NOTES[COUNT]!.replace('returns bigint', 'returns int').replace('count(*)', 'count(*)::int');
  await expect(migrate(optionsAt(place, project({ [COUNT]: returns })))).rejects.toMatchObject({
    message: expect.stringContaining('cannot change return type'),
    hint: expect.stringMatching(/The server's own hint: Use DROP FUNCTION steadytext\.count_notes\(\) first\.$/),
  });
});

test('of a row that is refused nothing is told, which may hold a prompt', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  const refused = `
    insert into @extschema@.notes (body) values ('the secret word'), ('the secret word');
    create unique index on @extschema@.notes (body);`;
  const error = await migrate(optionsAt(place, project({ 'migrations/0003_refused.sql': refused }))).catch(String);
  expect(error).toContain('could not create unique index');
  expect(error).not.toContain('secret');
});

test('a long answer of the server is cut', async () => {
  const place = await emptyDatabase();
  const long = `do $$ begin raise exception 'no' using detail = repeat('x', 10000), hint = repeat('y', 10000); end $$;`;
  const refusal = migrate(optionsAt(place, project({ 'migrations/0003_long.sql': long })));
  await expect(refusal).rejects.toMatchObject({
    message: expect.stringMatching(/\n {2}x{2000} …$/),
    hint: expect.stringMatching(/ y{2000} …$/),
  });
});

const release = (version: string, changes: Readonly<Record<string, string>> = {}) =>
  project({ 'package.json': `{"version": "${version}"}`, ...changes });
const NEWER_COUNT = { [COUNT]: NOTES[COUNT]!.replace('count(*)', '2 * count(*)') };

test('an older release does not undo what a newer one made of functions, unless it is told to', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, release('0.9.0')));
  await migrate(optionsAt(place, release('0.10.0', NEWER_COUNT)));
  for (const check of [false, true])
    await expect(migrate({ ...optionsAt(place, release('0.9.0')), check })).rejects.toMatchObject({
      name: 'DatabaseNewer',
      message: expect.stringMatching(/migrated by release 0\.9\.0.*was by 0\.10\.0$/),
      hint: expect.stringMatching(/0\.10\.0 or a newer.*--allow-older/),
    });
  // Of one version, as in development, the files that come last count.
  expect(await migrate(optionsAt(place, release('0.10.0')))).toMatchObject({ changed: true });
  expect(await migrate(optionsAt(place, release('0.10.0', NEWER_COUNT)))).toMatchObject({ changed: true });
  const older = { ...optionsAt(place, release('0.9.0')), allowOlder: true };
  expect((await migrate(older)).files).toContain(COUNT);
  expect(await migrate(optionsAt(place, release('0.9.0')))).toMatchObject({ changed: false });
});

test('a newer release is remembered although it had nothing to change', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, release('1.0.0')));
  expect(await migrate(optionsAt(place, release('1.2.0')))).toMatchObject({ changed: false });
  const patch = { ...optionsAt(place, release('1.1.0', NEWER_COUNT)) };
  await expect(migrate(patch)).rejects.toMatchObject({ name: 'DatabaseNewer' });
});

test('releases are ordered as semver orders them', () => {
  const ordered = [
    '0.0.0',
    '0.9.0',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0',
    '1.0.1',
  ];
  for (const [i, a] of ordered.entries())
    for (const [j, b] of ordered.entries())
      expect(Math.sign(compareReleases(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
  expect(compareReleases('1.0.0+linux', '1.0.0')).toBe(0);
});

const FACTS: Facts = {
  serverVersion: 150_018,
  database: 'shop',
  quotedDatabase: 'shop',
  encoding: 'UTF8',
  login: 'me',
  quotedLogin: 'me',
  superuser: false,
  mayCreateRoles: true,
  ownsDatabase: true,
  roles: [],
  included: [],
  grantable: [],
  mayActAsOwner: false,
  administersOwner: false,
  ownerMembers: [],
  plainNames: true,
  installedOwner: null,
  takenBy: null,
  others: [],
};

test('PostgreSQL 15 and newer are taken, older ones refused with their version', () => {
  const names = namesOf();
  expect(() => assertSupported(FACTS, names)).not.toThrow();
  expect(() => assertSupported({ ...FACTS, serverVersion: 180_004 }, names)).not.toThrow();
  expect(() => assertSupported({ ...FACTS, serverVersion: 140_011 }, names)).toThrow(
    expect.objectContaining({
      name: 'ServerTooOld',
      message: 'The server should be PostgreSQL 15 or newer, but is 14.11',
    }),
  );
});

test('nor is a script that makes roles printed for a server that is too old', async () => {
  const answering = (facts: Facts) => ({ client: { query: async () => ({ rows: [facts] }) } });
  await expect(printRoles(answering({ ...FACTS, serverVersion: 140_011 }))).rejects.toMatchObject({
    name: 'ServerTooOld',
  });
  // Roles belong to the server: for them another database may do.
  expect(await printRoles(answering({ ...FACTS, encoding: 'LATIN1' }))).toContain('create role steadytext_owner');
});

test('a worker can tell a database that it can work on from one that it cannot', async () => {
  const place = await emptyDatabase();
  const check = async (url: string, expected?: number) => {
    await using client = await openClient(url);
    await checkDatabase(client, 'steadytext', expected);
  };
  const worker = await place.login();
  await expect(check(worker)).rejects.toMatchObject({
    name: 'DatabaseNotMigrated',
    hint: expect.stringContaining('steadytext migrate'),
  });

  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix });
  await expect(check(worker)).rejects.toMatchObject({
    name: 'MissingRights',
    hint: expect.stringMatching(`grant ${place.rolePrefix}steadytext_worker to "login_`),
  });
  await place.ask(`grant ${place.rolePrefix}steadytext_worker to ${new URL(worker).username}`);
  await check(worker);

  const [{ count }] = await place.ask('select count(*)::int from steadytext_private.applied_migrations');
  await expect(check(worker, count + 1)).rejects.toMatchObject({
    name: 'DatabaseNotMigrated',
    message: expect.stringContaining(`is at ${count}`),
  });
  await expect(check(worker, count - 1)).rejects.toMatchObject({
    name: 'DatabaseNewer',
    message: expect.stringContaining(`is at ${count}`),
  });
});
