// The compatibility layer: its files take the place of ours of the same name, the database remembers it, and the way back is open.
import { expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const optionsAt = (place: Place, root: string) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root });
const LAYER = 'pg_steadytext';
const COUNT = 'sql/api/notes/count_notes.sql';
const COMPAT = {
  'sql/compat/api/count_notes.sql': `
create or replace function @extschema@.count_notes() returns text language sql security definer set search_path = pg_catalog, pg_temp
as $$ select count(*) || ' notes' from @extschema@.notes $$;`,
  'sql/compat/api/newest.sql': `create or replace function @extschema@.newest() returns bigint language sql as $$ select 7 $$;`,
  'sql/compat/views/old_notes.sql': `create or replace view @extschema@.old_notes with (security_invoker) as select @extschema@.count_notes() as n;`,
  'sql/compat/grants/layer.sql': `grant execute on function @extschema@.newest() to @roleprefix@steadytext_reader;`,
};
const counted = (place: Place) => place.ask('select steadytext.count_notes() as n').then(([row]) => row.n);
const nothingLeft = { changed: false, drift: [], foreign: [], orphans: [] };

test('it comes and goes and comes again, and stays where nothing is said of it', async () => {
  const place = await emptyDatabase();
  const at = optionsAt(place, project(COMPAT));
  expect(await migrate(at)).toMatchObject({ changed: true, compat: null });
  expect(await counted(place)).toBe('0');
  for (let time = 0; time < 2; time += 1) {
    expect(await migrate({ ...at, compat: LAYER, check: true })).toMatchObject({
      changed: true,
      compat: LAYER,
      orphans: [],
      gone: [COUNT],
    });
    const on = await migrate({ ...at, compat: LAYER });
    expect(on).toMatchObject({ changed: true, compat: LAYER, gone: [COUNT] });
    expect(on.files).toEqual(expect.arrayContaining(Object.keys(COMPAT)));
    expect(await counted(place)).toBe('0 notes');
    for (const more of [{}, { compat: LAYER, check: true } as const])
      expect(await migrate({ ...at, ...more })).toMatchObject({ ...nothingLeft, compat: LAYER });
    expect(await migrate({ ...at, compat: 'none', check: true })).toMatchObject({ changed: true, compat: null });
    expect(await migrate({ ...at, compat: 'none' })).toMatchObject({ changed: true, compat: null });
    expect(await counted(place)).toBe('0');
    expect(
      await place.ask(`select to_regproc('steadytext.newest') as f, to_regclass('steadytext.old_notes') as v`),
    ).toEqual([{ f: null, v: null }]);
    expect(await migrate({ ...at, check: true })).toMatchObject({ ...nothingLeft, compat: null });
  }
});

test('a first installation can have it at once, and rights are those of what it replaces', async () => {
  const place = await emptyDatabase();
  const at = optionsAt(place, project(COMPAT));
  expect(await migrate({ ...at, compat: LAYER })).toMatchObject({ changed: true, compat: LAYER });
  const allowed = await place.ask(
    `select has_function_privilege('${place.rolePrefix}steadytext_reader', f, 'execute') as it
     from unnest('{steadytext.count_notes(), steadytext.newest()}'::regprocedure[]) f`,
  );
  expect(allowed).toEqual([{ it: true }, { it: true }]);
  await place.ask(
    'create or replace function steadytext.newest() returns bigint language sql as $$ select 8::bigint $$',
  );
  expect((await migrate(at)).drift).toEqual(['function steadytext.newest(): is not as its file made it']);
  expect(await place.ask('select steadytext.newest() as n')).toEqual([{ n: '7' }]);
});

test('what somebody built on a function stops the change by its name, in both directions', async () => {
  const place = await emptyDatabase();
  const at = optionsAt(place, project(COMPAT));
  for (const [before, compat] of [
    ['none', LAYER],
    [LAYER, 'none'],
  ] as const) {
    await migrate({ ...at, compat: before });
    const answer = await counted(place);
    await place.ask('create view public.mine as select steadytext.count_notes() as n');
    await expect(migrate({ ...at, compat })).rejects.toMatchObject({
      name: 'StatementFailed',
      message: expect.stringContaining('view public.mine depends on function steadytext.count_notes()'),
    });
    expect(await counted(place)).toBe(answer);
    expect(await migrate({ ...at, check: true })).toMatchObject({ changed: false });
    await place.ask('drop view public.mine');
  }
});

test('a database of an older release, whose view asks what the layer replaces, takes both in one run', async () => {
  const place = await emptyDatabase();
  const view = 'sql/views/recent_notes.sql';
  const asking = `create or replace view @extschema@.recent_notes with (security_invoker) as select @extschema@.count_notes()::text as n;`;
  await migrate(optionsAt(place, project({ [view]: asking })));
  const now = {
    'sql/private/figures.sql': NOTES[COUNT]!.replaceAll('@extschema@.count_notes', '@privschema@.figures'),
    [view]: asking.replace('@extschema@.count_notes()', '@privschema@.figures()'),
    'migrations/0003_change.sql': 'create table @extschema@.more (id int);',
  };
  const report = await migrate({ ...optionsAt(place, project({ ...COMPAT, ...now })), compat: LAYER });
  expect(report).toMatchObject({ compat: LAYER, migrations: ['migrations/0003_change.sql'] });
  expect(await counted(place)).toBe('0 notes');
  // And back with a next migration.
  const next = { ...COMPAT, ...now, 'migrations/0004_next.sql': 'create table @extschema@.next (id int);' };
  const back = await migrate({ ...optionsAt(place, project(next)), compat: 'none' });
  expect(back).toMatchObject({ compat: null, migrations: ['migrations/0004_next.sql'] });
  expect(await counted(place)).toBe('0');
});

test('without pgvector a layer that needs it says what to run, and nothing else asks for it', async () => {
  const place = await emptyDatabase();
  const vector = `create or replace function @extschema@.v() returns @vectorschema@.vector language sql as $$ select null $$;`;
  const at = optionsAt(place, project({ ...COMPAT, 'sql/compat/api/v.sql': vector }));
  await migrate(at);
  for (const check of [true, false])
    await expect(migrate({ ...at, compat: LAYER, check })).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      hint: expect.stringContaining('create extension vector;'),
    });
  expect(await migrate({ ...at, compat: 'none' })).toMatchObject({ changed: false, compat: null });
  // Dropped behind our back, with what gave its type.
  await place.ask(`update steadytext_private.installation set compat = '${LAYER}'`);
  await expect(migrate(at)).rejects.toMatchObject({ hint: expect.stringContaining('--compat none') });
  expect(await migrate({ ...at, compat: 'none' })).toMatchObject({ changed: true, compat: null });
});
