// Databases and logins on a server of our own, for `steadytext dev`: made when missing, and right again when not.
import pg from 'pg';
import type { Client } from './connection.ts';
import { namesOf } from './names.ts';

export interface LoginSpec {
  readonly name: string;
  readonly password: string;
  /** May make roles, as the owner of a managed database may. */
  readonly createRole?: boolean;
  readonly memberOf?: readonly string[];
}

export async function ensureLogin(client: Client, login: LoginSpec): Promise<void> {
  const name = pg.escapeIdentifier(login.name);
  const { rows } = await client.query('select from pg_catalog.pg_roles where rolname operator(pg_catalog.=) $1', [
    login.name,
  ]);
  const options = `login ${login.createRole ? 'createrole' : 'nocreaterole'} password ${pg.escapeLiteral(login.password)}`;
  await client.query(`${rows.length === 0 ? 'create' : 'alter'} role ${name} ${options}`);
  for (const role of login.memberOf ?? []) await client.query(`grant ${pg.escapeIdentifier(role)} to ${name}`);
}

export async function ensureDatabase(client: Client, name: string, owner: string): Promise<void> {
  const { rows } = await client.query('select from pg_catalog.pg_database where datname operator(pg_catalog.=) $1', [
    name,
  ]);
  if (rows.length === 0)
    await client.query(`create database ${pg.escapeIdentifier(name)} owner ${pg.escapeIdentifier(owner)}`);
}

/** Otherwise a worker's heartbeat makes a login's row, or its first request. Run as a member of the owner role. */
export async function ensureUser(client: Client, login: string, schema?: string): Promise<void> {
  const { extschema } = namesOf(schema);
  await client.query(
    `insert into ${extschema}.steadytext_users (role_name) values ($1) on conflict on constraint users_role_unique do nothing`,
    [login],
  );
}
