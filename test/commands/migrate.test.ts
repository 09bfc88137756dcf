// `steadytext migrate` as a command: report, check, statuses. What migrating itself does is shown in test/migrate.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../cli/world.ts';
import { freshName, inDatabase, openClient, runAs, testServer } from '../support/database.ts';
import type { TestServer } from '../support/test-servers.ts';

let server: TestServer;
let url: string;
const name = freshName('migrate');

beforeAll(async () => {
  server = await testServer();
  await runAs(server.superuserUrl, [
    `create role ${name} login createrole password 'x'`,
    `create database ${name} owner ${name}`,
  ]);
  const address = new URL(inDatabase(server.superuserUrl, name));
  Object.assign(address, { username: name, password: 'x' });
  url = address.href;
});

afterAll(async () => {
  await runAs(server.superuserUrl, [`drop database ${name}`]);
  await using client = await openClient(server.superuserUrl);
  const { rows } = await client.query(
    'select rolname from pg_roles where starts_with(rolname, $1) order by rolname desc',
    [`${name}_`],
  );
  for (const { rolname } of rows) await client.query(`drop role ${rolname}`);
  await client.query(`drop role ${name}`);
});

const migrate = (...flags: string[]) => runCommand(['migrate', '--url', url, '--role-prefix', `${name}_`, ...flags]);

describe('in order, on a new database', () => {
  test('--print-roles prints a script for an administrator and changes nothing', async () => {
    const { status, stdout } = await migrate('--print-roles');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`create role ${name}_steadytext_owner nologin;`));
    expect((await migrate('--check')).status).toBe(1);
  });

  test('--check says what would be applied, changes nothing, and ends with status 1', async () => {
    for (let times = 0; times < 2; times++) {
      const { status, stdout } = await migrate('--check');
      expect(status).toBe(1);
      expect(stdout).toMatch(/^Would apply: .*\d+ migrations, \d+ function, view and policy files/);
      expect(stdout).toMatch(/^ {2}migrations\/0001_/m);
    }
  });

  test('it applies, then has nothing to do', async () => {
    const first = await migrate();
    expect(first, first.stderr).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Applied: /) });
    expect(await migrate()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Nothing to do/) });
    expect(await migrate('--check')).toMatchObject({ status: 0 });
  });

  test('an object without a file is named, with status 1, by it and by --check', async () => {
    await using owner = await openClient(url);
    await owner.query(`set role ${name}_steadytext_owner`);
    await owner.query(`create function steadytext.stray() returns int language sql as 'select 1'`);
    for (const flags of [[], ['--check']])
      expect(await migrate(...flags)).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/^ST057 .*function steadytext\.stray\(\)[\s\S]*hint: /),
      });
    await owner.query('drop function steadytext.stray()');
    expect(await migrate('--check')).toMatchObject({ status: 0 });
  });

  test("others' objects are listed as not ours, and --check ends with status 1 where one opens rows", async () => {
    await using superuser = await openClient(inDatabase(server.superuserUrl, name));
    await superuser.query('create index theirs on steadytext.steadytext_queue (session_id)');
    expect(await migrate('--check')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Nothing to do: [\s\S]*Not ours, and left alone:\n {2}index steadytext\.theirs/),
    });
    await superuser.query('create policy evil on steadytext.steadytext_queue using (true)');
    const told = expect.stringMatching(
      /^Nothing to do for migrate\.\nNot ours[\s\S]*\n {2}drop policy evil on steadytext\.steadytext_queue;/,
    );
    expect(await migrate('--check')).toMatchObject({ status: 1, stdout: told });
    expect(await migrate()).toMatchObject({ status: 0, stdout: told });
    await superuser.query('drop policy evil on steadytext.steadytext_queue; drop index steadytext.theirs');
  });

  test('rights given by hand are told, and those that no ordinary login of ours has end --check with status 1', async () => {
    const superuserUrl = inDatabase(server.superuserUrl, name);
    const reporter = `${name}_reporter`;
    await runAs(superuserUrl, [
      `create role ${reporter}`,
      `grant select on steadytext.steadytext_queue, steadytext.steadytext_request_log to ${reporter}`,
    ]);
    const told = expect.stringMatching(
      new RegExp(
        `^Nothing to do: [\\s\\S]*\nNot ours, and left alone:\n  SELECT on table steadytext\\.steadytext_queue, granted to ${reporter}\n`,
      ),
    );
    expect(await migrate('--check')).toMatchObject({ status: 0, stdout: told });
    await runAs(superuserUrl, [`grant select, trigger on steadytext.steadytext_queue to ${reporter}`]);
    const { status, stdout } = await migrate('--check');
    const statement = `revoke TRIGGER on table steadytext.steadytext_queue from ${reporter};`;
    expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringContaining(`\n  ${statement}\n`) });
    await runAs(url, [statement]);
    expect(await migrate('--check')).toMatchObject({ status: 0, stdout: told });
    await runAs(superuserUrl, [`drop owned by ${reporter}`, `drop role ${reporter}`]);
  });

  test('a membership lost among our roles is granted again, or told, with status 1 of --check, where another has to', async () => {
    const [reader, writer] = [`${name}_steadytext_reader`, `${name}_steadytext_writer`];
    const statement = `grant ${reader} to ${writer} with inherit true;`;
    await runAs(url, [`revoke ${reader} from ${writer}`]);
    const stdout = expect.stringMatching(new RegExp(`: 1 statement on roles\\.\n {2}${statement}\n$`));
    expect(await migrate('--check')).toMatchObject({ status: 1, stdout });
    expect(await migrate()).toMatchObject({ status: 0, stdout });
    await runAs(url, [`revoke ${reader} from ${writer}`]);
    await runAs(server.superuserUrl, [`alter role ${name} nocreaterole`, `revoke ${reader} from ${name}`]);
    const told = {
      stdout: 'Nothing to do for migrate.\n',
      stderr: expect.stringMatching(new RegExp(`^Not granted: the rights of ${reader} .*\n {2}${statement}\n`)),
    };
    expect(await migrate('--check')).toMatchObject({ status: 1, ...told });
    expect(await migrate()).toMatchObject({ status: 0, ...told });
    await runAs(server.superuserUrl, [statement, `grant ${reader} to ${name} with admin option`]);
    expect(await migrate('--check')).toMatchObject({ status: 0, stderr: '' });
  });

  test('a schema name that was forgotten is told: the database has an installation already', async () => {
    const told = await migrate('--schema', 'another', '--check');
    expect(told).toMatchObject({ status: 1, stderr: expect.stringMatching(/^Beside: .* --schema /m) });
  });

  test('a schema before ours that is open to everybody is told, and is no change to make', async () => {
    await using superuser = await openClient(inDatabase(server.superuserUrl, name));
    await superuser.query('grant create on schema public to public');
    const stderr = expect.stringMatching(
      /^Open: the schema public,.*\n {2}revoke create on schema public from public;/m,
    );
    for (const flags of [[], ['--check']]) expect(await migrate(...flags)).toMatchObject({ status: 0, stderr });
    await superuser.query('revoke create on schema public from public');
  });

  test('an index that is missing is named, with the statement that makes it, and status 1', async () => {
    await using owner = await openClient(url);
    await owner.query(`set role ${name}_steadytext_owner; drop index steadytext.queue_claim`);
    const { status, stderr } = await migrate('--check');
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/^ST073 /) });
    await owner.query(/^ *CREATE INDEX queue_claim.*$/m.exec(stderr)![0]);
    expect(await migrate('--check')).toMatchObject({ status: 0 });
  });
});

test('without an address it asks for the one that is for it', async () => {
  const { status, stderr } = await runCommand(['migrate'], { DATABASE_URL: ' ' });
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^ST050 \w+: STEADYTEXT_ADMIN_URL: /),
  });
  expect(stderr).not.toContain('DATABASE_URL: ');
});

test('mistakes: a bad schema name is bad configuration, a bad login is told', async () => {
  expect(await migrate('--schema', 'No')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^ST050 .*--schema: /),
  });
  const wrong = await runCommand(['migrate', '--url', url.replace(':x@', ':y@')]);
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringMatching(/^ST\d{3} [\s\S]*hint: /) });
});
