// A migrated database of its own for every test file, cloned from a template, and a check that the tests left it alone.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import type { Login, TestServer } from './test-servers.ts';
import { waitFor } from './wait-for.ts';

/** A connection that `await using` closes. */
export type TestClient = pg.Client & AsyncDisposable;

export interface TestDatabase {
  readonly server: TestServer;
  readonly name: string;
  readonly superuserUrl: string;
  /** Owner of the database: no superuser, CREATEROLE, member of steadytext_owner. */
  readonly adminUrl: string;
  readonly workerUrl: string;
  /** A fresh ordinary login that is a member of these roles: its address. */
  login(roles?: readonly string[], name?: string): Promise<string>;
  connect(url: string): Promise<TestClient>;
  /** One statement on a connection of its own, its rows. */
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says, and a test knows its statement
  query(url: string, text: string, values?: readonly unknown[]): Promise<any[]>;
}

/** To be called at the top of a test file or of a describe block; its fields are there once the first test runs. */
export function useDatabase(): TestDatabase {
  let server: TestServer;
  const name = freshName('test');
  const made: string[] = [];
  const url = (login: Login) => addressOf(server, login, name);
  const superuser = () => inDatabase(server.superuserUrl, name);

  beforeAll(async () => {
    server = await testServer();
    await runAs(server.superuserUrl, [
      `create database ${name} template ${server.template} owner ${server.logins.admin.name}`,
      // Settings and rights of a database are not part of what a clone copies.
      `alter database ${name} set search_path = "$user", public, steadytext`,
      `grant create on database ${name} to steadytext_owner`,
    ]);
  });

  afterAll(async () => {
    const left = await connectionsLeft(server, name);
    await runAs(server.superuserUrl, [
      `drop database ${name} with (force)`,
      ...made.map((role) => `drop role ${role}`),
    ]);
    if (left.length > 0)
      throw new Error(`The tests should have closed their connections, but these are left:\n${left.join('\n')}`);
  });

  return {
    get server() {
      return server;
    },
    name,
    get superuserUrl() {
      return superuser();
    },
    get adminUrl() {
      return url(server.logins.admin);
    },
    get workerUrl() {
      return url(server.logins.worker);
    },
    login: async (roles = [], role = freshName('login')) => {
      const password = freshName('password');
      const member = roles.length > 0 ? ` in role ${roles.join(', ')}` : '';
      await runAs(server.superuserUrl, [`create role ${role} login password '${password}'${member}`]);
      made.push(role);
      return url({ name: role, password });
    },
    connect: openClient,
    query: async (at, text, values) => {
      await using client = await openClient(at);
      return (await client.query(text, values as unknown[])).rows;
    },
  };
}

/** The server of this test run, for tests that make databases themselves. */
export async function testServer(): Promise<TestServer> {
  const version = inject('serverVersion');
  const answer = await fetch(`${inject('testServersUrl')}?version=${version}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The test server for PostgreSQL ${version} did not start: ${text}`);
  return JSON.parse(text) as TestServer;
}

export async function openClient(url: string): Promise<TestClient> {
  const client = new pg.Client(url);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

export async function runAs(url: string, statements: readonly string[]): Promise<void> {
  await using client = await openClient(url);
  for (const statement of statements) await client.query(statement);
}

export function freshName(what: string): string {
  return `${what}_${randomBytes(6).toString('hex')}`;
}

export function addressOf(server: TestServer, login: Login, database: string): string {
  const url = new URL(inDatabase(server.superuserUrl, database));
  url.username = login.name;
  url.password = login.password;
  return url.href;
}

export function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** A closed connection's session takes a moment to end, so what is left is what stays. */
export async function connectionsLeft(server: TestServer, database: string, timeoutMs = 3000): Promise<string[]> {
  await using client = await openClient(server.superuserUrl);
  let left: string[] = [];
  const none = async () => {
    const { rows } = await client.query(
      `select format('%s as %s (%s): %s', pid, usename, application_name, query) as line
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    left = rows.map(({ line }) => line as string);
    return left.length === 0;
  };
  await waitFor(none, 'connections to be closed', timeoutMs).catch(() => undefined);
  return left;
}
