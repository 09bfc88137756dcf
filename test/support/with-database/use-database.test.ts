// The tests' own database: a migrated clone, with real logins, and an eye on what a test leaves open.
import { describe, expect, test } from 'vitest';
import { connectionsLeft, useDatabase } from '../database.ts';
import { endTransactions } from '../end-transactions.ts';
import { waitFor } from '../wait-for.ts';

const database = useDatabase();

test('it is migrated, and its unqualified names resolve for a writer', async () => {
  const writer = await database.login(['steadytext_writer']);
  const rows = await database.query(writer, `select steadytext_generate_async('Say hello') as id`);
  expect(rows).toHaveLength(1);
});

test('its administrator owns it and is no superuser', async () => {
  const [row] = await database.query(
    database.adminUrl,
    'select rolsuper, rolcreaterole from pg_roles where rolname = current_user',
  );
  expect(row).toEqual({ rolsuper: false, rolcreaterole: true });
  await database.query(database.adminUrl, `update steadytext.steadytext_users set weight = 2`);
});

test('its worker may call the worker API and nothing else', async () => {
  expect(await database.query(database.workerUrl, 'select steadytext_private.schema_version() > 0 as is')).toEqual([
    { is: true },
  ]);
  await expect(database.query(database.workerUrl, 'select * from steadytext.steadytext_queue')).rejects.toMatchObject({
    code: '42501',
  });
});

test('what sessions have begun is ended, whatever they wait for, and they can go on', async () => {
  await using holder = await database.connect(database.superuserUrl);
  await using waiter = await database.connect(database.superuserUrl);
  await using closed = await database.connect(database.superuserUrl);
  await closed.end();
  await holder.query('begin; lock table steadytext.steadytext_queue');
  await waiter.query('begin; lock table steadytext.steadytext_users');
  const waiting = waiter
    .query('select from steadytext.steadytext_queue; select pg_sleep(3600)')
    .catch(({ code }) => code);
  await endTransactions(database.superuserUrl, [waiter, holder, closed]);
  expect(await waiting).toBe('57014');
  for (const client of [holder, waiter])
    await client.query('truncate steadytext.steadytext_queue, steadytext.steadytext_users');
});

describe('two in one file', () => {
  const other = useDatabase();
  test('share nothing', async () => {
    await database.query(database.superuserUrl, 'create table public.mine (a int)');
    expect(await other.query(other.superuserUrl, `select to_regclass('public.mine') as found`)).toEqual([
      { found: null },
    ]);
  });
});

test('a connection that a test leaves open is found, and one that it closed is not', async () => {
  const client = await database.connect(database.workerUrl);
  await client.query(`set application_name = 'forgotten'`);
  expect(await connectionsLeft(database.server, database.name, 0)).toEqual([expect.stringContaining('forgotten')]);
  await client.end();
  expect(await connectionsLeft(database.server, database.name)).toEqual([]);
});

test('waitFor gives the answer, and says what it waited for in vain', async () => {
  let asked = 0;
  expect(await waitFor(() => (++asked > 2 ? asked : 0), 'three')).toBe(3);
  await expect(waitFor(() => false, 'the sky to fall', 30)).rejects.toThrow('Waited 30 ms for the sky to fall');
});
