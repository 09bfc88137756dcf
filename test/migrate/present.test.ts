// The present: which files are applied again, and what becomes of objects without a file.
import { describe, expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const optionsAt = (place: Place, root: string) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root });

async function installed(): Promise<Place> {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  return place;
}

const COUNT = 'sql/api/notes/count_notes.sql';
const TWICE = { [COUNT]: NOTES[COUNT]!.replace('count(*)', '2 * count(*)') };
const migration = (sql: string) => ({ 'migrations/0003_change.sql': sql });

test('only the file that changed is applied again, and the grants behind it', async () => {
  const place = await installed();
  const versions = () =>
    place.ask(`select proname, xmin::text from pg_proc where pronamespace = 'steadytext_private'::regnamespace`);
  const before = await versions();
  const report = await migrate(optionsAt(place, project(TWICE)));
  expect(report.files).toEqual([COUNT, 'sql/grants/notes.sql']);
  expect(report.migrations).toEqual([]);
  expect(await versions()).toEqual(before);
  await place.ask(`insert into steadytext.notes (body) values ('a')`);
  expect(await place.ask('select steadytext.count_notes()')).toEqual([{ count_notes: '2' }]);
});

test('folders are applied in the order private, api, views, triggers, policies, grants', async () => {
  const place = await emptyDatabase();
  const { files } = await migrate(optionsAt(place, project()));
  expect(files.map((path) => path.split('/')[1])).toEqual([
    'private',
    'api',
    'views',
    'triggers',
    'policies',
    'grants',
  ]);
});

test('inside a folder a function may call one that comes later', async () => {
  const place = await emptyDatabase();
  const calls = `create or replace function @privschema@.a_first() returns int language sql as $$ select @privschema@.b_second() $$;`;
  const called = `create or replace function @privschema@.b_second() returns int language sql as $$ select 7 $$;`;
  await migrate(optionsAt(place, project({ 'sql/private/a_first.sql': calls, 'sql/private/b_second.sql': called })));
  expect(await place.ask('select steadytext_private.a_first() as answer')).toEqual([{ answer: 7 }]);
});

test('a new file is applied, and with it the grants', async () => {
  const place = await installed();
  const file = `create or replace function @extschema@.newest() returns bigint language sql as $$ select max(id) from @extschema@.notes $$;`;
  const report = await migrate(optionsAt(place, project({ 'sql/api/newest.sql': file })));
  expect(report.files).toEqual(['sql/api/newest.sql', 'sql/grants/notes.sql']);
});

test('a function made again is open to nobody whom the grants do not name', async () => {
  const place = await installed();
  const root = project(migration('drop function @extschema@.count_notes();'));
  const report = await migrate(optionsAt(place, root));
  expect(report.files).toContain(COUNT);
  const [{ acl }] = await place.ask(
    `select proacl::text as acl from pg_proc where oid = 'steadytext.count_notes()'::regprocedure`,
  );
  expect(acl).not.toMatch(/[{,]=X/);
  expect(acl).toContain(`${place.rolePrefix}steadytext_reader=X`);
});

test('an object dropped by hand is made again', async () => {
  const place = await installed();
  await place.ask('drop policy own_notes on steadytext.notes');
  const report = await migrate(optionsAt(place, project()));
  expect(report.files).toEqual(['sql/policies/own_notes.sql', 'sql/grants/notes.sql']);
  expect(await place.ask('select polname from pg_policy')).toEqual([{ polname: 'own_notes' }]);
});

test.each([
  [COUNT, 'drop function @extschema@.count_notes();'],
  ['sql/views/recent_notes.sql', 'drop view @extschema@.recent_notes;'],
  ['sql/triggers/stamp_note.sql', 'drop trigger stamp_note on @extschema@.notes;'],
  ['sql/policies/own_notes.sql', 'drop policy own_notes on @extschema@.notes;'],
])('removing %s asks for "%s" in a migration, and is content with it', async (path, drop) => {
  const place = await installed();
  const grants = { 'sql/grants/notes.sql': 'grant select on @extschema@.notes to @roleprefix@steadytext_reader;' };
  await expect(migrate(optionsAt(place, project({ [path]: undefined, ...grants })))).rejects.toMatchObject({
    name: 'OrphanObjects',
    hint: expect.stringContaining(drop),
  });
  const report = await migrate(optionsAt(place, project({ [path]: undefined, ...grants, ...migration(drop) })));
  expect(report.gone).toEqual([path]);
  expect((await migrate(optionsAt(place, project({ [path]: undefined, ...grants, ...migration(drop) })))).changed).toBe(
    false,
  );
});

test('another signature leaves the old one behind: an orphan, until a migration drops it', async () => {
  const place = await installed();
  const resigned = { [COUNT]: NOTES[COUNT]!.replace('count_notes()', 'count_notes(above bigint default 0)') };
  await expect(migrate(optionsAt(place, project(resigned)))).rejects.toMatchObject({
    name: 'OrphanObjects',
    message: expect.stringContaining('function steadytext.count_notes()'),
    hint: expect.stringMatching(
      /^drop function @extschema@\.count_notes\(\);\nBy hand, in psql, @extschema@ is steadytext and /m,
    ),
  });
  const grants = {
    'sql/grants/notes.sql':
      'grant execute on function @extschema@.count_notes(bigint) to @roleprefix@steadytext_reader;',
  };
  await migrate(
    optionsAt(place, project({ ...resigned, ...grants, ...migration('drop function @extschema@.count_notes();') })),
  );
  expect(
    await place.ask(
      `select pg_get_function_identity_arguments(oid) as args from pg_proc where proname = 'count_notes'`,
    ),
  ).toEqual([{ args: 'above bigint' }]);
});

test.each([
  [
    'create function @privschema@.stray() returns int language sql as $$ select 1 $$',
    'drop function @privschema@.stray();',
  ],
  [
    'create procedure @privschema@.stray(a int) language sql as $$ select 1 $$',
    'drop procedure @privschema@.stray(integer);',
  ],
  ['create view @extschema@.stray as select 1 as a', 'drop view @extschema@.stray;'],
  ['create policy stray on @extschema@.tags using (true)', 'drop policy stray on @extschema@.tags;'],
  [
    'create trigger stray before update on @extschema@.notes for each row execute function @privschema@.stamp_note()',
    'drop trigger stray on @extschema@.notes;',
  ],
])('a migration that does "%s" without a file is refused', async (statement, drop) => {
  const place = await installed();
  const attempt = migrate(optionsAt(place, project(migration(`${statement};`))));
  await expect(attempt).rejects.toMatchObject({ name: 'OrphanObjects', hint: expect.stringContaining(drop) });
  expect((await migrate(optionsAt(place, project()))).changed).toBe(false);
});

const STRAY = `create function steadytext.stray() returns int language sql as 'select 1'`;

describe('a function made by hand as the owner role', () => {
  async function withStray(): Promise<Place> {
    const place = await installed();
    await place.ask(`set role ${place.rolePrefix}steadytext_owner; ${STRAY}`);
    return place;
  }
  const refused = {
    name: 'OrphanObjects',
    message: expect.stringContaining('function steadytext.stray()'),
    hint: expect.stringContaining('drop function @extschema@.stray();'),
  };

  test.each([true, false])('is an orphan, whether there is anything to apply or not (check: %s)', async (check) => {
    const place = await withStray();
    const drifted = `revoke select on steadytext.notes from ${place.rolePrefix}steadytext_reader`;
    for (const root of [project(), project(TWICE)])
      await expect(migrate({ ...optionsAt(place, root), check })).rejects.toMatchObject(refused);
    await place.ask(drifted);
    await expect(migrate({ ...optionsAt(place, project()), check })).rejects.toMatchObject(refused);
  });

  test('is found without waiting for anybody, and so is that there is none', async () => {
    const place = await withStray();
    await using other = await openClient(place.superuserUrl);
    await other.query('begin; lock table steadytext.notes, steadytext.tags in access exclusive mode');
    const options = { ...optionsAt(place, project()), patienceMs: 500 };
    await expect(migrate(options)).rejects.toMatchObject(refused);
    await expect(migrate({ ...options, check: true })).rejects.toMatchObject(refused);
    await place.ask('drop function steadytext.stray()');
    expect(await migrate(options)).toMatchObject({ changed: false, attempts: 1 });
    await other.query('rollback');
  });

  test('is let through to a migration that may drop it; --check names it unless one says that it does', async () => {
    const place = await withStray();
    const other = optionsAt(place, project(migration('alter table @extschema@.tags add column rank int;')));
    expect(await migrate({ ...other, check: true })).toMatchObject({
      changed: true,
      orphans: ['function steadytext.stray()'],
    });
    await expect(migrate(other)).rejects.toMatchObject(refused);
    const dropping = optionsAt(place, project(migration('drop function @extschema@.stray();')));
    expect(await migrate({ ...dropping, check: true })).toMatchObject({ changed: true, orphans: [] });
    expect(await migrate(dropping)).toMatchObject({ changed: true, orphans: [] });
    expect(await migrate({ ...dropping, check: true })).toMatchObject({ changed: false });
  });

  test('that a new file makes from now on is no orphan', async () => {
    const place = await withStray();
    const file = STRAY.replace('create', 'create or replace').replace('steadytext.', '@extschema@.');
    const options = optionsAt(place, project({ 'sql/api/stray.sql': `${file};` }));
    expect(await migrate({ ...options, check: true })).toMatchObject({ changed: true });
    expect((await migrate(options)).files).toContain('sql/api/stray.sql');
  });
});

test('what users make is theirs: functions and views in public, policies and triggers on our tables', async () => {
  const place = await emptyDatabase();
  const options = { schema: 'public', ...optionsAt(place, project()) };
  await migrate(options);
  await place.ask(`
    create function public.mine() returns trigger language plpgsql as 'begin return new; end';
    create view public.my_view as select 1 as a;
    create policy queue_user_policy on public.notes using (author = current_user);
    create trigger mine before insert on public.notes for each row execute function public.mine()`);
  expect((await migrate({ ...options, root: project(TWICE) })).files).toContain(COUNT);
});

test('a file may not write to a schema it does not name', async () => {
  const place = await emptyDatabase();
  const root = project({
    'sql/private/lost.sql': `create or replace function lost() returns int language sql as 'select 1';`,
  });
  await expect(migrate(optionsAt(place, root))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringContaining('sql/private/lost.sql'),
  });
});

test('a file makes the one object it is named after', async () => {
  const place = await emptyDatabase();
  const text = `create or replace function @privschema@.other() returns int language sql as 'select 1';`;
  await expect(migrate(optionsAt(place, project({ 'sql/private/one.sql': text })))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringMatching(/sql\/private\/one\.sql.* makes function steadytext_private\.other\(\)/),
    hint: expect.stringContaining('other.sql'),
  });
});

test('a mistake in a file is told with file and line, and nothing stays', async () => {
  const place = await emptyDatabase();
  const root = project({
    'sql/views/wrong.sql':
      '-- a view\n\ncreate or replace view @extschema@.wrong as\nselect nothing from @extschema@.notes;',
  });
  await expect(migrate(optionsAt(place, root))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringMatching(/^sql\/views\/wrong\.sql:4 .*column "nothing" does not exist/),
    hint: expect.stringContaining('Nothing was changed'),
  });
  expect(await place.ask(`select nspname from pg_namespace where nspname ~ 'steadytext'`)).toEqual([]);
  expect(await place.ask('select rolname from pg_roles where starts_with(rolname, $1)', [place.rolePrefix])).toEqual(
    [],
  );
});

test.each([
  [
    'an unknown placeholder',
    { 'sql/private/x.sql': 'select @schema@.x();' },
    /sql\/private\/x\.sql .*@extschema@.*@schema@/,
  ],
  ['an unknown folder', { 'sql/functions/x.sql': 'select 1;' }, /sql\/functions\/x\.sql should lie in one of private/],
  [
    'a migration without a number',
    { 'migrations/create_x.sql': 'select 1;' },
    /create_x\.sql should be named like 0001/,
  ],
  ['a gap in the numbers', { 'migrations/0004_x.sql': 'select 1;' }, /0004_x\.sql should have the number 0003/],
  ['a number used twice', { 'migrations/0002_x.sql': 'select 1;' }, /0002_x\.sql should have the number 0003/],
  [
    'a COMMIT in a migration',
    { 'migrations/0003_x.sql': 'create table x (a int);\ncommit;' },
    /leave the transaction to migrate/,
  ],
])('%s is a mistake in the repository, told before anything is done', async (_what, changes, message) => {
  const place = await emptyDatabase();
  await expect(migrate(optionsAt(place, project(changes)))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringMatching(message),
  });
  expect(await place.ask(`select nspname from pg_namespace where nspname ~ 'steadytext'`)).toEqual([]);
});
