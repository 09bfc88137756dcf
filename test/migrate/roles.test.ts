// Roles belong to the server, not to the database: who may make them, who may use them, and what a second database does.
import { expect, test } from 'vitest';
import type { Facts } from '../../workers/queue/migrate/facts.ts';
import { migrate, printRoles } from '../../workers/queue/migrate/migrate.ts';
import { namesOf } from '../../workers/queue/migrate/names.ts';
import { administratorScript, ROLES } from '../../workers/queue/migrate/roles.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, type Place, project } from './world.ts';

const optionsAt = (place: Place, rolePrefix = place.rolePrefix) => ({
  url: place.ownerUrl,
  rolePrefix,
  root: project(),
});
const rolesOf = async (place: Place) =>
  (await place.ask('select rolname from pg_roles where starts_with(rolname, $1)', [place.rolePrefix])).map(
    ({ rolname }) => rolname,
  );

test('an owner with CREATEROLE makes the roles, may act as the owner role, and may pass the others on', async () => {
  const place = await emptyDatabase({ owner: 'createrole' });
  const report = await migrate(optionsAt(place));
  expect(report.roles).toContain(`create role ${place.rolePrefix}steadytext_owner nologin;`);
  expect((await rolesOf(place)).sort()).toEqual(ROLES.map((role) => `${place.rolePrefix}${role}`).sort());
  const app = await place.login();
  await using owner = await openClient(place.ownerUrl);
  await owner.query(`grant ${place.rolePrefix}steadytext_reader to ${new URL(app).username}`);
  await owner.query(`set role ${place.rolePrefix}steadytext_owner`);
  await using client = await openClient(app);
  expect((await client.query('select * from notes')).rows).toEqual([]);
});

test('writer includes reader, and admin includes writer', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const has = async (member: string, role: string) =>
    (
      await place.ask('select pg_has_role($1, $2, $3) as held', [
        place.rolePrefix + member,
        place.rolePrefix + role,
        'usage',
      ])
    )[0].held;
  expect(await has('steadytext_writer', 'steadytext_reader')).toBe(true);
  expect(await has('steadytext_admin', 'steadytext_writer')).toBe(true);
  expect(await has('steadytext_reader', 'steadytext_writer')).toBe(false);
  expect(await has('steadytext_worker', 'steadytext_reader')).toBe(false);
});

/** As `revoke … granted by` of each who granted it, or a restore that did not get through. */
async function loseMembership(place: Place, inner: string, outer: string): Promise<void> {
  const [role, member] = [place.rolePrefix + inner, place.rolePrefix + outer];
  const grantors = await place.ask(
    'select quote_ident(pg_get_userbyid(grantor)) as name from pg_auth_members where roleid = $1::regrole and member = $2::regrole',
    [role, member],
  );
  for (const { name } of grantors) await place.ask(`revoke ${role} from ${member} granted by ${name}`);
}

const readerOf = (place: Place) =>
  `grant ${place.rolePrefix}steadytext_reader to ${place.rolePrefix}steadytext_writer${place.server.version >= 16 ? ' with inherit true' : ''};`;

async function hasReadersRights(place: Place): Promise<boolean> {
  await using client = await openClient(await place.login(`in role ${place.rolePrefix}steadytext_admin`));
  return await client.query('select from steadytext.notes').then(
    () => true,
    () => false,
  );
}

test.each(['createrole', 'nocreaterole'])(
  'with %s, a membership lost among our roles is granted again',
  async (words) => {
    const place = await emptyDatabase({ owner: words });
    if (words === 'nocreaterole')
      await place.ask(await printRoles({ url: place.ownerUrl, rolePrefix: place.rolePrefix }));
    await migrate(optionsAt(place));
    await loseMembership(place, 'steadytext_reader', 'steadytext_writer');
    expect(await hasReadersRights(place)).toBe(false);
    const found = { changed: true, roles: [readerOf(place)], files: [], notIncluded: [] };
    expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject(found);
    expect(await migrate(optionsAt(place))).toMatchObject(found);
    expect(await hasReadersRights(place)).toBe(true);
    expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, roles: [] });
  },
);

test('one that does not pass on the rights, as there is since 16, is granted with them', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  await using owner = await openClient(place.ownerUrl);
  const known = place.server.version >= 16;
  if (known) await owner.query(readerOf(place).replace('true', 'false'));
  expect(await hasReadersRights(place)).toBe(!known);
  expect(await migrate(optionsAt(place))).toMatchObject({ roles: known ? [readerOf(place)] : [] });
  expect(await hasReadersRights(place)).toBe(true);
});

test('where the login may not grant it, the statement is told until somebody has run it', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  await loseMembership(place, 'steadytext_reader', 'steadytext_writer');
  const url = await place.login(`in role ${place.rolePrefix}steadytext_owner`);
  for (const check of [true, false])
    expect(await migrate({ ...optionsAt(place), url, check })).toMatchObject({
      changed: false,
      roles: [],
      notIncluded: [{ statement: readerOf(place) }],
    });
  expect(await printRoles({ ...optionsAt(place), url })).toContain(`\n${readerOf(place)}\n`);
  await place.ask(readerOf(place));
  expect(await hasReadersRights(place)).toBe(true);
  expect(await migrate({ ...optionsAt(place), url })).toMatchObject({ changed: false, notIncluded: [] });
});

test('without CREATEROLE an administrator gets a complete script, after which the owner installs alone', async () => {
  const place = await emptyDatabase({ owner: 'nocreaterole' });
  const refusal = await migrate(optionsAt(place)).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'RolesMissing', message: expect.stringContaining('CREATEROLE') });
  expect(await rolesOf(place)).toEqual([]);

  const script = await printRoles({ url: place.ownerUrl, rolePrefix: place.rolePrefix });
  expect((refusal as { hint: string }).hint).toContain(script);
  await place.ask(script);
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true, roles: [], notGranted: [] });
  expect((await migrate(optionsAt(place))).changed).toBe(false);

  // The script lets the owner of the database pass the roles on, too.
  const app = new URL(await place.login()).username;
  await using owner = await openClient(place.ownerUrl);
  await owner.query(`grant ${place.rolePrefix}steadytext_writer to ${app}`);
});

test('an administrator with CREATEROLE and no superuser may run that script', async () => {
  const place = await emptyDatabase({ owner: 'nocreaterole' });
  const script = await printRoles({ url: place.ownerUrl, rolePrefix: place.rolePrefix });
  await using administrator = await openClient(await place.login('createrole'));
  await administrator.query(script);
  expect((await migrate(optionsAt(place))).changed).toBe(true);
});

test('a second database of the same server is told to use --role-prefix, and works with one', async () => {
  const first = await emptyDatabase();
  await migrate(optionsAt(first));
  const second = await emptyDatabase();
  const attempt = migrate(optionsAt(second, first.rolePrefix));
  await expect(attempt).rejects.toMatchObject({
    name: 'RolesMissing',
    hint: expect.stringContaining(`--role-prefix ${second.database}_`),
  });
  expect(await second.ask(`select nspname from pg_namespace where nspname ~ 'steadytext'`)).toEqual([]);
  expect((await migrate(optionsAt(second))).changed).toBe(true);
});

test('a login that is a stranger to this installation is told whose it is and who runs migrate, and may be let in', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const owner = `${place.rolePrefix}steadytext_owner`;
  for (const words of ['', 'createrole']) {
    const url = await place.login(words);
    const stranger = new URL(url).username;
    for (const check of [false, true]) {
      await expect(migrate({ ...optionsAt(place), url, check })).rejects.toMatchObject({
        name: 'MissingRights',
        message: `The login ${stranger} should be one that may act as ${owner}, to which the schema steadytext_private in ${place.database} belongs, but may not`,
        hint: expect.stringMatching(`^Migrate with ${place.owner.name}, .* runs: grant ${owner} to ${stranger}`),
      });
    }
  }
  const url = await place.login(`in role ${owner}`);
  expect(await migrate({ ...optionsAt(place), url })).toMatchObject({ changed: false });
});

test('of an installation that only superusers may change, a stranger is told so', async () => {
  const place = await emptyDatabase();
  const superuser = { url: place.superuserUrl, rolePrefix: place.rolePrefix, root: project() };
  await migrate(superuser);
  await expect(migrate(optionsAt(place))).rejects.toMatchObject({
    name: 'MissingRights',
    hint: expect.stringMatching('^Migrate with a superuser, '),
  });
});

test('a second database of the same owner shares the roles', async () => {
  const first = await emptyDatabase();
  await migrate(optionsAt(first));
  const second = await emptyDatabase({ ownedBy: first });
  expect(await migrate(optionsAt(second, first.rolePrefix))).toMatchObject({ changed: true, roles: [] });
});

test('two databases migrated at the same moment with the same new roles both succeed', async () => {
  const first = await emptyDatabase();
  const second = await emptyDatabase({ ownedBy: first });
  const [one, two] = await Promise.all([migrate(optionsAt(first)), migrate(optionsAt(second, first.rolePrefix))]);
  expect(one.changed && two.changed).toBe(true);
});

test('a role that is missing is made, and the rights on it given again', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const worker = `${place.rolePrefix}steadytext_worker`;
  const grants = { 'sql/grants/worker.sql': 'grant insert on @extschema@.tags to @roleprefix@steadytext_worker;' };
  const options = { ...optionsAt(place), root: project(grants) };
  await migrate(options);
  await place.ask(`drop owned by ${worker}; drop role ${worker}`);
  expect(await migrate(options)).toMatchObject({ changed: true, roles: [`create role ${worker} nologin;`] });
  const held = (
    await place.ask(
      `select has_table_privilege($1, 'steadytext.tags', 'insert') and has_table_privilege($1, 'steadytext_boss.job', 'update') as held`,
      [worker],
    )
  )[0];
  expect(held).toEqual({ held: true });
});

test('a login that may act as the owner role but does not own the database is told what is left to run', async () => {
  const place = await emptyDatabase();
  const administrator = await emptyDatabase({ ownedBy: place });
  await migrate(optionsAt(administrator, place.rolePrefix));
  const owner = `${place.rolePrefix}steadytext_owner`;
  const url = await place.login(`in role ${owner}`);
  const options = { url, rolePrefix: place.rolePrefix, root: project() };

  const grant = `grant create on database ${place.database} to ${owner};`;
  await expect(migrate(options)).rejects.toMatchObject({ name: 'MissingRights', hint: expect.stringContaining(grant) });
  await place.ask(grant);
  const path = `alter database ${place.database} set search_path = "$user", public, steadytext;`;
  const report = await migrate(options);
  expect(report).toMatchObject({ changed: true, searchPath: null, notGranted: [{ statement: path }] });
  await place.ask(path);
  expect(await migrate(options)).toMatchObject({ changed: false, notGranted: [] });
});

test('a login that may create roles but does not own the database gets a script that makes what its own attempt took back', async () => {
  const place = await emptyDatabase();
  const url = await place.login('createrole');
  const options = { url, rolePrefix: place.rolePrefix, root: project() };
  const refusal = await migrate(options).catch((error: unknown) => error as Error & { hint: string });
  expect(refusal).toMatchObject({ name: 'MissingRights', message: expect.stringContaining(place.database) });
  expect(await rolesOf(place)).toEqual([]);
  await place.ask((refusal as { hint: string }).hint.split('\n\n')[1]!);
  expect(await migrate(options)).toMatchObject({ changed: true, roles: [] });
});

test('so does an owner of the database whose schema is another login’s', async () => {
  const place = await emptyDatabase();
  const other = new URL(await place.login()).username;
  await place.ask(`create schema shared authorization ${other}`);
  const options = { ...optionsAt(place), schema: 'shared' };
  const refusal = await migrate(options).catch((error: unknown) => error as Error & { hint: string });
  expect(refusal).toMatchObject({ name: 'MissingRights', message: expect.stringContaining('the schema shared') });
  await place.ask((refusal as { hint: string }).hint.split('\n\n')[1]!);
  expect((await migrate(options)).changed).toBe(true);
});

test('the script names the database and the login as they have to be quoted, and options only where the server knows them', () => {
  const facts: Facts = {
    serverVersion: 150_018,
    database: 'My Shop',
    quotedDatabase: '"My Shop"',
    encoding: 'UTF8',
    login: 'O"Hara',
    quotedLogin: '"O""Hara"',
    superuser: false,
    mayCreateRoles: false,
    ownsDatabase: false,
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
  const script = administratorScript(facts, namesOf('steadytext', 'shop_'));
  expect(script).toContain('grant shop_steadytext_owner to "O""Hara";');
  expect(script).toContain('grant create on database "My Shop" to shop_steadytext_owner;');
  expect(administratorScript({ ...facts, serverVersion: 160_000 }, namesOf())).toContain(
    'with inherit true, set true;',
  );
  for (const role of ROLES) expect(script).toContain(`create role shop_${role} nologin;`);
});
