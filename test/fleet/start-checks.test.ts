import { describe, expect, test } from 'vitest';
import { checkBeforeStart } from '../../workers/fleet/start-checks.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();
const check = (databaseUrl: string, schema = 'steadytext', listenUrl = databaseUrl) =>
  checkBeforeStart({ databaseUrl, listenUrl, schema }).catch((error) => error);

describe('before a worker starts, it is told in one sentence that', () => {
  test('all is well, by nothing', async () => {
    expect(await check(database.workerUrl)).toBeUndefined();
  });

  test('no server answers', async () => {
    expect(await check('postgres://worker:secret@127.0.0.1:1/app')).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining('127.0.0.1:1'),
      hint: expect.stringContaining('DATABASE_URL'),
    });
  });

  test('the database does not exist', async () => {
    const url = new URL(database.workerUrl);
    url.pathname = '/nowhere';
    expect(await check(url.href)).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining('nowhere'),
    });
  });

  test('the password is wrong, without saying it', async () => {
    const url = new URL(database.workerUrl);
    url.password = 'wrong-password';
    const error = await check(url.href);
    expect(error).toMatchObject({ name: 'UnknownLogin', hint: expect.stringContaining('password') });
    expect(error.message).not.toContain('wrong-password');
  });

  test('the database is not migrated, or under another schema name', async () => {
    expect(await check(database.workerUrl, 'elsewhere')).toMatchObject({
      name: 'DatabaseNotMigrated',
      hint: expect.stringContaining('steadytext migrate'),
    });
  });

  test('the login has no rights, with the grant to run', async () => {
    const url = await database.login();
    expect(await check(url)).toMatchObject({
      name: 'MissingRights',
      hint: expect.stringContaining('grant steadytext_worker to'),
    });
  });

  test("its login's transactions are read-only, with the statement that ends that", async () => {
    const url = await database.login(['steadytext_worker']);
    const login = new URL(url).username;
    await database.query(database.superuserUrl, `alter role ${login} set default_transaction_read_only = on`);
    const error = await check(url);
    expect(error).toMatchObject({ name: 'DatabaseReadOnly', message: expect.stringContaining(login) });
    await database.query(database.superuserUrl, error.hint.match(/alter role .*;/)[0]);
    expect(await check(url)).toBeUndefined();
  });

  test('the address for LISTEN leads nowhere, and which one that is', async () => {
    expect(await check(database.workerUrl, 'steadytext', 'postgres://worker:secret@127.0.0.1:1/app')).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringMatching(/^STEADYTEXT_LISTEN_URL: .*127\.0\.0\.1:1/),
      hint: expect.stringContaining('direct address'),
    });
  });

  test('the database is newer than the worker', async () => {
    await database.query(
      database.superuserUrl,
      `insert into steadytext_private.applied_migrations (number, path, hash) values (9999, 'migrations/9999_later.sql', 'x')`,
    );
    expect(await check(database.workerUrl)).toMatchObject({
      name: 'DatabaseNewer',
      message: expect.stringContaining('9999'),
    });
  });
});
