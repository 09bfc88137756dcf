// What somebody changed by hand: --check lists it, and migrate puts it back.
import { expect, test } from 'vitest';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const optionsAt = (place: Place) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });

const STATE = `
select relrowsecurity as rls, (select array_agg(a::text order by a::text) from unnest(relacl) a) as rights,
       (select array_agg(a::text order by a::text) from unnest(p.proacl) a) as execution, proconfig, prosrc, prosecdef,
       (select polqual::text from pg_policy) as policy, (select tgenabled from pg_trigger where tgname = 'stamp_note') as trigger,
       (select reloptions from pg_class where relname = 'recent_notes') as view,
       (select attacl::text from pg_attribute where attrelid = c.oid and attname = 'body') as columns,
       (select array_agg(a::text order by a::text) from unnest(nspacl) a) as usage
from pg_class c, pg_proc p, pg_namespace n
where c.oid = 'steadytext.notes'::regclass and p.oid = 'steadytext.count_notes()'::regprocedure and nspname = 'steadytext'`;

test.each([
  ['alter table steadytext.notes disable row level security', /table steadytext\.notes: should have enable row level/],
  ['revoke select on steadytext.notes from @reader', /table steadytext\.notes: lacks SELECT to \S+reader/],
  ['revoke usage on schema steadytext from @reader', /schema steadytext: lacks USAGE to/],
  ['grant update (body) on steadytext.notes to @reader', /table steadytext\.notes: should not have UPDATE \(body\) to/],
  [
    'grant execute on function steadytext.count_notes() to public',
    /count_notes\(\): should not have EXECUTE to public/,
  ],
  ['alter function steadytext.count_notes() reset search_path', /function steadytext\.count_notes\(\): is not as/],
  ['alter function steadytext.count_notes() security invoker', /function steadytext\.count_notes\(\): is not as/],
  ['alter policy own_notes on steadytext.notes using (true)', /policy own_notes on steadytext\.notes: is not as/],
  ['alter policy own_notes on steadytext.notes using (author <> session_user)', /policy own_notes on \S+: is not as/],
  ['alter table steadytext.notes disable trigger stamp_note', /trigger stamp_note on steadytext\.notes: is not as/],
  ['alter view steadytext.recent_notes reset (security_invoker)', /view steadytext\.recent_notes: is not as/],
])('%s', async (statement, finding) => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const before = await place.ask(STATE);
  await place.ask(
    `set role ${place.rolePrefix}steadytext_owner; ${statement.replace('@reader', `${place.rolePrefix}steadytext_reader`)}`,
  );
  expect(await place.ask(STATE)).not.toEqual(before);
  const check = await migrate({ ...optionsAt(place), check: true });
  expect(check).toMatchObject({ changed: true, drift: [expect.stringMatching(finding)] });
  expect(await migrate(optionsAt(place))).toEqual({ ...check, check: false });
  expect(normal(await place.ask(STATE))).toEqual(normal(before));
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [] });
});

/** Without where in its source text an expression stood, and an empty list of rights as none. */
const normal = (rows: unknown) =>
  JSON.parse(
    JSON.stringify(rows)
      .replaceAll(/:(location|stmt_len|stmt_location) -?\d+/g, '')
      .replaceAll('"{}"', 'null'),
  );

test('default privileges that give everything of the owner role to everybody are not taken over', async () => {
  const first = await emptyDatabase();
  const place = await emptyDatabase({ ownedBy: first });
  await migrate(optionsAt(first));
  const options = { url: place.ownerUrl, rolePrefix: first.rolePrefix, queues: MAINTENANCE_QUEUES };
  const owner = `${first.rolePrefix}steadytext_owner`;
  for (const kind of ['tables', 'sequences', 'functions'])
    await place.ask(`alter default privileges for role ${owner} grant all on ${kind} to public`);
  await migrate(options);
  const open = `
    select c.oid::regclass::text as name from pg_class c, aclexplode(relacl) a
    where a.grantee = 0 and relowner = '${owner}'::regrole
    union select p.oid::regprocedure::text from pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
    where a.grantee = 0 and proowner = '${owner}'::regrole`;
  expect(await place.ask(open)).toEqual([]);
});

test("what was everybody's when it was written down is found all the same", async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  await place.ask('grant select on steadytext.notes to public');
  await place.ask(`update steadytext_private.installation set object_states = (
    select jsonb_agg(case when o ->> 'identity' = 'table steadytext.notes'
      then jsonb_set(o, '{rights}', o -> 'rights' || '["SELECT to public"]') else o end) from jsonb_array_elements(object_states) o)`);
  const drift = ['table steadytext.notes: should not have SELECT to public'];
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: true, drift });
  expect(await migrate(optionsAt(place))).toMatchObject({ drift });
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [] });
});

test('an aggregate that was given other functions is made again, and one without a file has to be dropped', async () => {
  const place = await emptyDatabase();
  const made = `create or replace aggregate @extschema@.join_notes(text) (sfunc = pg_catalog.textcat, stype = text, initcond = '');
    revoke all on function @extschema@.join_notes from public;`;
  const root = project({ 'sql/api/notes/join_notes.sql': made });
  await migrate({ ...optionsAt(place), root });
  const state = `select pg_get_userbyid(proowner) = '${place.rolePrefix}steadytext_owner' as ours, agginitval, aggfinalfn::text
                 from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid where proname = 'join_notes'`;
  const [before] = await place.ask(state);
  expect(before).toMatchObject({ ours: true, agginitval: '' });
  await place.ask(`set role ${place.rolePrefix}steadytext_owner; create or replace aggregate steadytext.join_notes(text)
    (sfunc = pg_catalog.textcat, stype = text, initcond = 'secretly: ', finalfunc = pg_catalog.upper)`);
  const drift = ['aggregate steadytext.join_notes(text): is not as its file made it'];
  expect(await migrate({ ...optionsAt(place), root, check: true })).toMatchObject({ changed: true, drift });
  expect(await migrate({ ...optionsAt(place), root })).toMatchObject({ drift });
  expect(await place.ask(state)).toEqual([before]);
  expect(await migrate({ ...optionsAt(place), root, check: true })).toMatchObject({ changed: false, drift: [] });
  await expect(migrate(optionsAt(place))).rejects.toMatchObject({
    name: 'OrphanObjects',
    hint: expect.stringContaining('drop aggregate @extschema@.join_notes(text);'),
  });
});

test('rights that an administrator gives to others, and policies of others, are theirs', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const { username } = new URL(await place.login());
  await place.ask(
    `grant select on steadytext.notes to ${username}; create policy more on steadytext.notes using (true)`,
  );
  await place.ask('alter policy more on steadytext.notes using (false)');
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: false, drift: [] });
  await place.ask(`drop owned by ${username}`);
});

/** What migrate wrote down comes along with a dump. */
async function copyStates(from: Place, to: Place): Promise<void> {
  const [{ states, shape }] = await from.ask(
    'select object_states::text as states, shape::text as shape from steadytext_private.installation',
  );
  await to.ask('update steadytext_private.installation set object_states = $1, shape = $2', [states, shape]);
}

test('a restored database, where all oids are others, was not changed by hand; what then is changed shows', async () => {
  const from = await emptyDatabase();
  const to = await emptyDatabase({ ownedBy: from });
  const options = { ...optionsAt(from), url: to.ownerUrl };
  await migrate(optionsAt(from));
  await migrate(options);
  await copyStates(from, to);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
  await to.ask('alter policy own_notes on steadytext.notes using (true)');
  const drift = [expect.stringContaining('policy own_notes on steadytext.notes: is not as its file made it')];
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: true, drift });
});

const onColumn = (column: string) => `
create or replace trigger stamp_note before insert or update of ${column} on steadytext.notes
  for each row execute function steadytext_private.stamp_note();`;
const STAMP_BODY = { 'sql/triggers/stamp_note.sql': onColumn('body') };

test('a trigger for some columns is the same where a restore has left out what was dropped before them', async () => {
  const from = await emptyDatabase();
  const to = await emptyDatabase({ ownedBy: from });
  const [notes, tags] = ['migrations/0001_create_notes.sql', 'migrations/0002_create_tags.sql'];
  const withDropped = project({
    ...STAMP_BODY,
    [notes]: NOTES[notes]!.replace('author text', 'gone int, author text'),
    [tags]: `${NOTES[tags]!} alter table @extschema@.notes drop column gone;`,
  });
  await migrate({ ...optionsAt(from), root: withDropped });
  const options = { ...optionsAt(from), url: to.ownerUrl, root: project(STAMP_BODY) };
  await migrate(options);
  await copyStates(from, to);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
  await to.ask(`set role ${from.rolePrefix}steadytext_owner; ${onColumn('author')}`);
  const drift = ['trigger stamp_note on steadytext.notes: is not as its file made it'];
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: true, drift });
});

test('a trigger that an older version wrote down with the numbers of its columns is not taken for changed', async () => {
  const place = await emptyDatabase();
  const options = { ...optionsAt(place), root: project(STAMP_BODY) };
  await migrate(options);
  await place.ask(`
    update steadytext_private.installation set object_states = (
      select jsonb_agg(case when o ->> 'identity' like 'trigger %' then o - 'numbered' || jsonb_build_object('definition', (
        select encode(sha256(convert_to(row(t.tgenabled, t.tgtype, t.tgattr::text, t.tgargs, array(
                 select distinct f.type || ' ' || f.identity collate "C" from pg_depend d, pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) f
                 where d.classid = 'pg_trigger'::regclass and d.objid = t.oid order by 1))::text, 'UTF8')), 'hex')
        from pg_trigger t where tgname = 'stamp_note')) else o - 'numbered' end)
      from jsonb_array_elements(object_states) o)`);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
  await place.ask(`set role ${place.rolePrefix}steadytext_owner; ${onColumn('author')}`);
  const drift = ['trigger stamp_note on steadytext.notes: is not as its file made it'];
  expect(await migrate(options)).toMatchObject({ changed: true, drift });
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
});

test('what an older version wrote down of objects, in another form, is made anew and not taken for changed', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  await place.ask(`update steadytext_private.installation set object_states =
    (select jsonb_agg(o - 'expressions' || '{"definition": "other"}') from jsonb_array_elements(object_states) o)`);
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true, drift: [] });
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [] });
});
