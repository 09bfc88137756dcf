// What history made and somebody dropped or changed, and what others put beside it: --check tells it and what to do.
import { expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, type Place, project } from './world.ts';

const MORE = {
  'migrations/0003_more.sql': `
alter table @extschema@.tags add column rank int not null default 7, add constraint tags_rank_sane check (rank between 1 and 9);
create index tags_by_rank on @extschema@.tags (rank desc, tag) where rank > 1;
create table @extschema@.steadytext_settings (name text primary key, value text not null, unit text, description text);
insert into @extschema@.steadytext_settings values ('most_notes', '10', 'count', 'it''s how many'), ('most_tags', '20', 'count', '');
create table @privschema@.weeks (at date not null, body text) partition by range (at);
create table @privschema@.weeks_default partition of @privschema@.weeks default;
alter table @privschema@.weeks_default enable row level security, replica identity full;
alter table @extschema@.tags alter column rank set statistics 0;
alter table @privschema@.weeks alter column body set statistics 0;`,
};
const optionsAt = (place: Place) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project(MORE) });

async function installed(): Promise<Place> {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  return place;
}

const check = async (place: Place) => await migrate({ ...optionsAt(place), check: true });
const sound = { changed: false, drift: [], foreign: [] };

/** Runs what the hint of a refusal says. */
async function runHint(place: Place, refusal: unknown): Promise<void> {
  const { hint } = refusal as { hint: string };
  await place.ask(hint.slice(hint.indexOf('set role')));
}

test.each([
  ['drop index steadytext.tags_by_rank', 'index steadytext.tags_by_rank: is missing'],
  [
    'drop index steadytext.tags_by_rank; create index tags_by_rank on steadytext.tags (rank)',
    'index steadytext.tags_by_rank: is not as it was made',
  ],
  [
    'drop index steadytext.tags_by_rank; create index tags_by_rank on steadytext.tags (rank desc, tag) where rank > 2',
    'index steadytext.tags_by_rank: is not as it was made',
  ],
  [
    'alter table steadytext.tags drop constraint tags_rank_sane',
    'constraint tags_rank_sane on steadytext.tags: is missing',
  ],
  [
    'alter table steadytext.tags drop constraint tags_rank_sane, add constraint tags_rank_sane check (rank > 0)',
    'constraint tags_rank_sane on steadytext.tags: is not as it was made',
  ],
  ['alter table steadytext.notes drop constraint notes_pkey', 'constraint notes_pkey on steadytext.notes: is missing'],
  ['drop table steadytext.tags', 'table steadytext.tags: is missing'],
  ['drop table steadytext_private.weeks_default', 'table steadytext_private.weeks_default: is missing'],
  ['drop table steadytext_private.weeks', 'table steadytext_private.weeks: is missing'],
  ['alter table steadytext.tags drop column rank', 'column rank of steadytext.tags: is missing'],
  [
    'alter table steadytext.tags alter column rank type bigint',
    'column rank of steadytext.tags: should be integer not null, but is bigint not null',
  ],
  [
    'alter table steadytext.tags alter column tag drop not null',
    'column tag of steadytext.tags: should be text not null, but is text',
  ],
  ['alter table steadytext.tags set unlogged', 'table steadytext.tags: should be logged, but is unlogged'],
])('%s: is told with the statement that puts it back, and stops migrate', async (statement, finding) => {
  const place = await installed();
  await place.ask(`set role ${place.rolePrefix}steadytext_owner; ${statement}`);
  for (const options of [{ ...optionsAt(place), check: true }, optionsAt(place)])
    await expect(migrate(options)).rejects.toMatchObject({
      name: 'DatabaseDamaged',
      message: expect.stringContaining(`\n${finding}`),
      hint: expect.stringContaining(`set role ${place.rolePrefix}steadytext_owner;`),
    });
  await runHint(place, await check(place).catch((error: unknown) => error));
  await migrate(optionsAt(place));
  expect(await check(place)).toMatchObject(sound);
  // What was kept out of the planner's statistics stays out.
  const unsampled = `select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relname ~ '^(tags|weeks)' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and a.attstattarget = 0 order by 1`;
  expect((await place.ask(unsampled)).map(({ name }) => name)).toEqual([
    'tags.rank',
    'weeks.body',
    'weeks_default.body',
  ]);
});

test.each([
  ['alter table steadytext.tags alter rank drop default', 'default of column rank of steadytext.tags: is missing'],
  ['alter table steadytext.tags alter rank set default 8', 'default of column rank of steadytext.tags: is not as it'],
  ['alter table steadytext.notes alter id drop identity', 'default of column id of steadytext.notes: is missing'],
  [
    'alter table steadytext.notes alter id set generated by default',
    'default of column id of steadytext.notes: is not',
  ],
  ["delete from steadytext.steadytext_settings where name = 'most_notes'", 'setting most_notes: is missing'],
])('%s: migrate puts it back', async (statement, finding) => {
  const place = await installed();
  const settings = 'select * from steadytext.steadytext_settings order by name';
  const before = await place.ask(settings);
  await place.ask(`insert into steadytext.notes (body) values ('first'), ('second')`);
  await place.ask(statement);
  expect(await check(place)).toMatchObject({ changed: true, drift: [expect.stringContaining(finding)] });
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true, drift: [expect.stringContaining(finding)] });
  expect(await check(place)).toMatchObject(sound);
  expect(await place.ask(settings)).toEqual(before);
  // Numbers go on where they were.
  expect(await place.ask(`insert into steadytext.notes (body) values ('third') returning id::int`)).toEqual([
    { id: 3 },
  ]);
});

test('what an administrator tunes, weeks that come and go, and values of settings do not count', async () => {
  const place = await installed();
  await place.ask(`
    alter table steadytext.tags set (fillfactor = 50);
    alter table steadytext.tags alter column tag set statistics 500;
    alter index steadytext.tags_by_rank set (fillfactor = 50);
    create table steadytext_private.weeks_20300107 partition of steadytext_private.weeks for values from ('2030-01-07') to ('2030-01-14');
    alter table steadytext_private.weeks_20300107 owner to ${place.rolePrefix}steadytext_owner;
    update steadytext.steadytext_settings set value = '11'`);
  expect(await check(place)).toMatchObject(sound);
});

test('what an administrator added is told, and may go again without a word', async () => {
  const place = await installed();
  await place.ask(`
    create index for_reports on steadytext.tags (note);
    alter table steadytext.tags add column remark text default 'none', add constraint short check (length(tag) < 99);
    create function public.theirs() returns trigger language plpgsql as 'begin return new; end';
    create trigger theirs before insert on steadytext.tags for each row execute function public.theirs();
    create table steadytext.reports (a int);
    create role ${place.rolePrefix}support;
    create policy support on steadytext.notes to ${place.rolePrefix}support using (true)`);
  const { foreign } = await check(place);
  expect(foreign.filter(({ statement }) => statement !== null)).toEqual([]);
  expect(foreign.map(({ what }) => what.replace(/, which belongs.*/, '')).sort()).toEqual([
    'column remark of steadytext.tags',
    'constraint short on steadytext.tags',
    'index steadytext.for_reports',
    'policy support on steadytext.notes',
    'table steadytext.reports',
    'trigger theirs on steadytext.tags',
  ]);
  // Something is applied meanwhile, which writes everything down again.
  await place.ask('alter table steadytext.notes disable row level security');
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true, foreign });
  await place.ask(`
    drop index steadytext.for_reports; alter table steadytext.tags drop column remark, drop constraint short;
    drop trigger theirs on steadytext.tags; drop policy support on steadytext.notes; drop table steadytext.reports`);
  expect(await check(place)).toMatchObject(sound);
});

test.each([
  ['create policy evil on steadytext.notes using (true)', 'policy evil on steadytext.notes'],
  ['create policy evil on steadytext.notes to @reader using (true)', 'policy evil on steadytext.notes'],
  [
    'create function steadytext.mine() returns int language sql return 1',
    'function steadytext.mine(), which belongs to',
  ],
])('%s: is told as not ours, with the statement for whoever made it', async (statement, what) => {
  const place = await installed();
  await place.ask(statement.replace('@reader', `${place.rolePrefix}steadytext_reader`));
  const drop = `drop ${what.replace(', which belongs to', '')};`;
  const foreign = [{ what: expect.stringContaining(what), statement: drop }];
  expect(await check(place)).toMatchObject({ changed: false, foreign });
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: false, foreign });
  await place.ask(drop);
  expect(await check(place)).toMatchObject(sound);
});

test('functions and tables of users in a schema that is not ours are nobody’s business', async () => {
  const place = await emptyDatabase();
  const options = { ...optionsAt(place), schema: 'public' };
  await migrate(options);
  await place.ask('create function public.mine() returns int language sql return 1; create table public.mine (a int)');
  expect(await migrate({ ...options, check: true })).toMatchObject(sound);
});

test('everything that our own migrations made can be dropped, is all told, and put back by what is told', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  await migrate(options);
  await using superuser = await openClient(place.superuserUrl);
  await superuser.query(`set role ${place.rolePrefix}steadytext_owner; set search_path = pg_catalog`);
  const { rows } = await superuser.query(`
    with t as (select oid from pg_class where relnamespace::regnamespace::text ~ '^steadytext(_private)?$' and relkind in ('r', 'p') and not relispartition)
    select format('constraint %I on %s', k.conname, t.oid::regclass) as identity,
           format('alter table %s drop constraint %I', t.oid::regclass, k.conname) as drop
    from t join pg_constraint k on k.conrelid = t.oid and k.contype <> 'n'
    union all
    select 'index ' || i.indexrelid::regclass, 'drop index ' || i.indexrelid::regclass
    from t join pg_index i on i.indrelid = t.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    union all
    select 'table steadytext_private.virtual_times', 'drop table steadytext_private.virtual_times'`);
  expect(rows.length).toBeGreaterThan(20);
  for (const { drop } of rows) await superuser.query(drop);
  const refusal = await migrate({ ...options, check: true }).catch((error: unknown) => error);
  const { message } = refusal as Error;
  expect(rows.filter(({ identity }) => !message.includes(`\n${identity}: is missing`))).toEqual([]);
  await runHint(place, refusal);
  // A table made anew has its rights and row security by migrate.
  await migrate(options);
  expect(await migrate({ ...options, check: true })).toMatchObject(sound);
});
