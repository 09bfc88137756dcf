// A login that is none of ours and has come to rights on our tables, or to rows by what runs on them: --check tells it.
import { expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient, runAs } from '../support/database.ts';
import { emptyDatabase, type Place, project } from './world.ts';

const optionsAt = (place: Place) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });
const sound = { changed: false, drift: [], foreign: [] };

/** An installation, and a login eve with a schema of her own. */
async function withEve() {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const eveUrl = await place.login();
  const { username: eve } = new URL(eveUrl);
  await place.ask(`create schema ${eve} authorization ${eve}`);
  const check = () => migrate({ ...optionsAt(place), check: true });
  return { place, eve, eveUrl, check };
}

/** What the migrating login does about it: all that is told, in order. */
async function runTold(place: Place, foreign: readonly { readonly statement: string | null }[]): Promise<void> {
  await runAs(
    place.ownerUrl,
    foreign.flatMap(({ statement }) => statement ?? []),
  );
}

test('a trigger that copies every row for its maker is told with the right it was made by, until both are gone', async () => {
  const { place, eve, eveUrl, check } = await withEve();
  await place.ask(`grant usage on schema steadytext to ${eve}; grant trigger on steadytext.notes to ${eve}`);
  await runAs(eveUrl, [
    `create table ${eve}.loot (body text)`,
    `create function ${eve}.spy() returns trigger language plpgsql security definer as
     $$ begin insert into ${eve}.loot values (new.body); return null; end $$`,
    `create trigger spy after insert on steadytext.notes for each row execute function ${eve}.spy()`,
  ]);
  const write = (body: string) => place.ask('insert into steadytext.notes (body) values ($1)', [body]);
  const loot = () => place.ask(`select body from ${eve}.loot`);
  await write('secret');
  expect(await loot()).toEqual([{ body: 'secret' }]);

  const { changed, foreign } = await check();
  expect({ changed, foreign }).toEqual({
    changed: false,
    foreign: [
      {
        what: `trigger spy on steadytext.notes, which hands rows to ${eve}.spy() of ${eve}`,
        statement: 'drop trigger spy on steadytext.notes;',
      },
      { what: `USAGE on schema steadytext, granted to ${eve}`, statement: null },
      {
        what: `TRIGGER on table steadytext.notes, granted to ${eve}`,
        statement: `revoke TRIGGER on table steadytext.notes from ${eve};`,
      },
    ],
  });
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: false, foreign });
  await runTold(place, foreign);
  await write('another secret');
  expect(await loot()).toHaveLength(1);
  expect((await check()).foreign).toEqual([{ what: expect.stringMatching(/^USAGE/), statement: null }]);
});

test.each([
  [
    'a trigger by its condition',
    'create trigger spy before insert on steadytext.notes for each row when (@eve.tells(new.body)) execute function suppress()',
    '@eve.tells(pg_catalog.text) of @eve',
  ],
  [
    'a trigger by an operator of its condition',
    'create trigger spy before insert on steadytext.notes for each row when (new.body operator(@eve.!!!) new.body) execute function suppress()',
    '@eve.!!!(pg_catalog.text,pg_catalog.text) of @eve',
  ],
  [
    'a rule by a table it fills',
    'create rule spy as on insert to steadytext.notes do also insert into @eve.loot values (new.body)',
    '@eve.loot of @eve',
  ],
  [
    'a rule by a function it calls',
    'create rule spy as on insert to steadytext.notes do also select @eve.tells(new.body)',
    '@eve.tells(pg_catalog.text) of @eve',
  ],
])('%s hands rows to its owner', async (_, statement, uses) => {
  const { place, eve, eveUrl, check } = await withEve();
  await runAs(eveUrl, [
    `create table ${eve}.loot (body text)`,
    `create function ${eve}.tells(text) returns boolean language plpgsql as 'begin return true; end'`,
    `create function ${eve}.tells(text, text) returns boolean language plpgsql as 'begin return true; end'`,
    `create operator ${eve}.!!! (leftarg = text, rightarg = text, function = ${eve}.tells)`,
  ]);
  await place.ask(`create function public.suppress() returns trigger language plpgsql as 'begin return new; end'`);
  const named = (text: string) => text.replaceAll('@eve', eve).replace('suppress()', 'public.suppress()');
  await place.ask(named(statement));
  const identity = `${named(statement).split(' ')[1]} spy on steadytext.notes`;
  const { foreign } = await check();
  expect(foreign).toEqual([
    { what: `${identity}, which hands rows to ${named(uses)}`, statement: `drop ${identity};` },
  ]);
  await runTold(place, foreign);
  expect(await check()).toMatchObject(sound);
});

test('triggers and rules of those who could replace our functions anyhow do no harm', async () => {
  const { place, check } = await withEve();
  const { username: member } = new URL(await place.login(`in role ${place.rolePrefix}steadytext_owner`));
  for (const owner of [place.owner.name, member])
    await place.ask(`
      create schema ${owner}_own authorization ${owner};
      create table ${owner}_own.copies (body text);
      create function ${owner}_own.theirs() returns trigger language plpgsql as 'begin return new; end';
      alter table ${owner}_own.copies owner to ${owner};
      alter function ${owner}_own.theirs() owner to ${owner};
      create trigger ${owner}_theirs before insert on steadytext.notes for each row execute function ${owner}_own.theirs();
      create rule ${owner}_theirs as on insert to steadytext.tags do also insert into ${owner}_own.copies values (new.tag)`);
  const { foreign } = await check();
  expect(foreign.map(({ statement }) => statement)).toEqual([null, null, null, null]);
});

test.each([
  // What readers have.
  ['select on steadytext.notes', 'SELECT on table steadytext.notes', null],
  ['select (body) on steadytext.notes', 'SELECT (body) on table steadytext.notes', null],
  ['usage on schema steadytext', 'USAGE on schema steadytext', null],
  ['execute on function steadytext.count_notes()', 'EXECUTE on routine steadytext.count_notes()', null],
  // What no ordinary login has.
  ['references, trigger, truncate on steadytext.notes', 'REFERENCES, TRIGGER, TRUNCATE on table steadytext.notes', ''],
  ['insert, update (body) on steadytext.notes', 'INSERT, UPDATE (body) on table steadytext.notes', ''],
  ['select on steadytext.tags', 'SELECT on table steadytext.tags', ''],
  ['select on steadytext.recent_notes', 'SELECT on table steadytext.recent_notes', ''],
  ['usage on sequence steadytext.notes_id_seq', 'USAGE on sequence steadytext.notes_id_seq', ''],
  ['create on schema steadytext', 'CREATE on schema steadytext', ''],
  ['execute on function steadytext_private.stamp_note()', 'EXECUTE on routine steadytext_private.stamp_note()', ''],
  ['select on steadytext.notes', 'SELECT on table steadytext.notes', ' with grant option'],
])('%s granted by hand: told as %s', async (granted, rights, withOption) => {
  const { place, eve, check } = await withEve();
  await place.ask(`grant ${granted} to ${eve}${withOption ?? ''}`);
  const revoke = `revoke ${rights} from ${eve}${withOption ? ' cascade' : ''};`;
  const { changed, drift, foreign } = await check();
  expect({ changed, drift, foreign }).toEqual({
    changed: false,
    drift: [],
    foreign: [
      { what: `${rights}, granted to ${eve}${withOption ?? ''}`, statement: withOption === null ? null : revoke },
    ],
  });
  await using owner = await openClient(place.ownerUrl);
  await owner.query(revoke);
  expect(await check()).toMatchObject(sound);
});

test("what our roles, the database's owner and members of the owner role hold is nobody's business", async () => {
  const { place, check } = await withEve();
  const { username: member } = new URL(await place.login(`in role ${place.rolePrefix}steadytext_owner`));
  await place.ask(`grant all on steadytext.notes to ${place.owner.name}, ${member}, current_user`);
  expect(await check()).toMatchObject(sound);
});
