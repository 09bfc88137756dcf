// A login that may make functions in a schema of the path leaves some that look like PostgreSQL's own: whoever migrates,
// checks or connects must not run them.
import { expect, test } from 'vitest';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { checkDatabase } from '../../workers/queue/migrate/check-database.ts';
import { migrate, printRoles } from '../../workers/queue/migrate/migrate.ts';
import { openClient } from '../support/database.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

/** Better fits for the arguments that are passed than PostgreSQL's own, with one answer of the same type each. */
const SHADOWS: readonly (readonly [signature: string, type: string, answer: string])[] = [
  ['quote_ident(name)', 'text', 'pg_catalog.quote_ident($1::text)'],
  ['starts_with(name, text)', 'boolean', 'pg_catalog.starts_with($1::text, $2)'],
  ['hashtextextended(text, int)', 'bigint', 'pg_catalog.hashtextextended($1, $2::bigint)'],
  ['pg_has_role(regrole, text)', 'boolean', 'pg_catalog.pg_has_role($1::oid, $2)'],
  ['has_schema_privilege(oid, text)', 'boolean', 'pg_catalog.has_schema_privilege($1, $2)'],
];

/** An ordinary login with all of them in public; each makes it a superuser when a superuser runs it. */
async function withShadows(place: Place): Promise<string> {
  const url = await place.login();
  const { username } = new URL(url);
  await place.ask('grant usage, create on schema public to public');
  await using attacker = await openClient(url);
  const body = (answer: string) =>
    `begin
       if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.=) current_user) then
         execute 'alter role ${username} superuser';
       end if;
       return ${answer};
     end`;
  for (const [signature, type, answer] of SHADOWS) {
    await attacker.query(
      `create function public.${signature} returns ${type} language plpgsql as $shadow$ ${body(answer)} $shadow$`,
    );
  }
  // An operator for a pair of types that PostgreSQL has none of its own for.
  await attacker.query(
    `create function public.same(name, varchar) returns boolean language plpgsql
     as $shadow$ ${body('$1::text operator(pg_catalog.=) $2::text')} $shadow$;
     create operator public.= (function = public.same, leftarg = name, rightarg = varchar);
     create function public.joined(name, varchar) returns text language plpgsql
     as $shadow$ ${body('$1::text operator(pg_catalog.||) $2::text')} $shadow$;
     create operator public.|| (function = public.joined, leftarg = name, rightarg = varchar)`,
  );
  return username;
}

const isSuperuser = async (place: Place, login: string) =>
  (await place.ask('select r.rolsuper from pg_catalog.pg_roles r where r.rolname = $1::name', [login]))[0].rolsuper;

test('the trap of these tests works on a superuser who does not mind the path', async () => {
  const place = await emptyDatabase();
  const login = await withShadows(place);
  await place.ask(`select quote_ident(datname) from pg_catalog.pg_database`);
  expect(await isSuperuser(place, login)).toBe(true);
});

test.each([
  ['--check', (options: Options) => migrate({ ...options, check: true })],
  ['--print-roles', (options: Options) => printRoles(options)],
  ['migrate, and again, and with a change', migrateThrice],
])("%s as a superuser runs nobody else's function", async (_what, run) => {
  const place = await emptyDatabase();
  const login = await withShadows(place);
  await run({ url: place.superuserUrl, rolePrefix: place.rolePrefix, root: project() });
  expect(await isSuperuser(place, login)).toBe(false);
});

interface Options {
  readonly url: string;
  readonly rolePrefix: string;
  readonly root: string;
}

async function migrateThrice(options: Options): Promise<void> {
  await migrate({ ...options, queues: [{ name: 'prune' }] });
  await migrate(options);
  const path = 'sql/policies/own_notes.sql';
  await migrate({ ...options, root: project({ [path]: `${NOTES[path]}\n-- changed` }) });
}

test("giving up on a lock, and naming who holds it, runs nobody else's function", async () => {
  const place = await emptyDatabase();
  const options = { url: place.superuserUrl, rolePrefix: place.rolePrefix };
  await migrate({ ...options, root: project() });
  const login = await withShadows(place);
  await using holder = await openClient(place.superuserUrl);
  await holder.query('begin; select from steadytext.notes');
  const path = 'sql/policies/own_notes.sql';
  const root = project({ [path]: `${NOTES[path]}\n-- changed` });
  await expect(migrate({ ...options, root, patienceMs: 300 })).rejects.toMatchObject({ name: 'MigrationBlocked' });
  expect(await isSuperuser(place, login)).toBe(false);
});

test('nor do the start check of a worker and the commands that call the API', async () => {
  const place = await emptyDatabase();
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix });
  const login = await withShadows(place);
  await using client = await openClient(place.superuserUrl);
  await checkDatabase(client, 'steadytext');
  const db = await openApiConnection({ url: place.superuserUrl, schema: 'steadytext', name: 'test' });
  // Both at once, since commands may ask so too.
  const [, path] = await Promise.all([
    db.query('select quote_ident(current_user)'),
    db.query<{ path: string }>(`select current_setting('search_path') as path`),
  ]);
  await db.close();
  expect(path).toEqual([{ path: 'pg_catalog, pg_temp' }]);
  expect(await isSuperuser(place, login)).toBe(false);
});
