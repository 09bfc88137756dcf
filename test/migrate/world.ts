// A small project to migrate, which tests change, and fresh databases whose owners are ordinary logins.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { addressOf, freshName, inDatabase, openClient, runAs, testServer } from '../support/database.ts';
import type { TestServer } from '../support/test-servers.ts';

export const NOTES: Readonly<Record<string, string>> = {
  'migrations/0001_create_notes.sql': `
create table @extschema@.notes (id bigint generated always as identity primary key, author text not null default session_user, body text);
alter table @extschema@.notes enable row level security;`,
  'migrations/0002_create_tags.sql': 'create table @extschema@.tags (note bigint not null, tag text not null);',
  'sql/private/stamp_note.sql': `
create or replace function @privschema@.stamp_note() returns trigger language plpgsql as $$
begin
  new.body := trim(new.body);
  return new;
end $$;`,
  'sql/api/notes/count_notes.sql': `
create or replace function @extschema@.count_notes() returns bigint language sql security definer set search_path = pg_catalog, pg_temp
as $$ select count(*) from @extschema@.notes $$;`,
  'sql/triggers/stamp_note.sql': `
create or replace trigger stamp_note before insert on @extschema@.notes for each row execute function @privschema@.stamp_note();`,
  'sql/views/recent_notes.sql': `
create or replace view @extschema@.recent_notes with (security_invoker) as select * from @extschema@.notes order by id desc limit 10;`,
  'sql/policies/own_notes.sql': `
drop policy if exists own_notes on @extschema@.notes;
create policy own_notes on @extschema@.notes using (author = session_user);`,
  'sql/grants/notes.sql': `
grant usage on schema @extschema@ to @roleprefix@steadytext_reader;
grant select on @extschema@.notes to @roleprefix@steadytext_reader;
grant execute on function @extschema@.count_notes() to @roleprefix@steadytext_reader;`,
};

/** Writes the files into a folder of their own, which is removed after the test. Undefined leaves a file of NOTES out. */
export function project(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'steadytext-project-'));
  folders.push(root);
  for (const folder of ['migrations', 'sql']) mkdirSync(join(root, folder));
  for (const [path, text] of Object.entries({ ...NOTES, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Place {
  readonly server: TestServer;
  readonly database: string;
  /** Roles belong to the server: each place has its own. */
  readonly rolePrefix: string;
  readonly owner: { readonly name: string; readonly password: string };
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  /** A fresh login's address here. */
  login(options?: string): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
  ask(text: string, values?: readonly unknown[]): Promise<any[]>;
}

export interface PlaceOptions {
  /** Options of the login that owns the database. */
  readonly owner?: string;
  /** Another place's owner. */
  readonly ownedBy?: Place;
}

const places: { place: Place; logins: string[] }[] = [];

/** An empty database, and a login that owns it: no superuser, CREATEROLE unless said otherwise. */
export async function emptyDatabase(options: PlaceOptions = {}): Promise<Place> {
  const server = await testServer();
  const database = freshName('empty');
  const logins: string[] = [];
  const makeLogin = async (words: string) => {
    const login = { name: freshName('login'), password: freshName('password') };
    await runAs(server.superuserUrl, [`create role ${login.name} login password '${login.password}' ${words}`]);
    logins.push(login.name);
    return login;
  };
  const owner = options.ownedBy?.owner ?? (await makeLogin(options.owner ?? 'createrole'));
  await runAs(server.superuserUrl, [`create database ${database} owner ${owner.name}`]);
  const superuserUrl = inDatabase(server.superuserUrl, database);
  const place: Place = {
    server,
    database,
    rolePrefix: `${freshName('p')}_`,
    owner,
    ownerUrl: addressOf(server, owner, database),
    superuserUrl,
    login: async (words = '') => addressOf(server, await makeLogin(words), database),
    ask: async (text, values) => {
      await using client = await openClient(superuserUrl);
      return (await client.query(text, values as unknown[])).rows;
    },
  };
  places.push({ place, logins });
  return place;
}

afterAll(async () => {
  // Databases first: their objects belong to the roles, and a login may own several.
  for (const { place } of places)
    await runAs(place.server.superuserUrl, [`drop database ${place.database} with (force)`]);
  for (const { place, logins } of places.splice(0)) {
    await using client = await openClient(place.server.superuserUrl);
    const { rows } = await client.query('select rolname from pg_roles where starts_with(rolname, $1)', [
      place.rolePrefix,
    ]);
    for (const name of [...rows.map(({ rolname }) => rolname as string), ...logins])
      await client.query(`drop role ${name}`);
  }
});
