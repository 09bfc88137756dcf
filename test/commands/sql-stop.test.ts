// A signal ends a statement of `steadytext sql` on the server too: what was interrupted is not there.

import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, test } from 'vitest';
import { run } from '../../workers/cli.ts';
import { makeWorld } from '../cli/world.ts';
import { ask, emptyFolder, start } from '../dev/world.ts';
import { useDatabase } from '../support/database.ts';
import { encryptedUrl, openWiretap } from '../support/encrypted-server.ts';
import { silentServer } from '../support/silent-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

/** The session of a statement that says `mark`, in the wait that it is to be interrupted in. */
const sleeping = (url: string, mark: string) =>
  ask(
    url,
    `select pid from pg_stat_activity where query like '%${mark}%' and wait_event = 'PgSleep' and pid <> pg_backend_pid()`,
  );
const untilSleeping = (url: string, mark: string) =>
  waitFor(async () => (await sleeping(url, mark)).length === 1, 'the statement to run');

describe('as people do it', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: the row is not written, and the status says the signal',
    async (signal) => {
      await ask(database.adminUrl, `create table ${signal} (a int)`);
      const statement = `insert into ${signal} select 1 from pg_sleep(600)`;
      const running = startSteadytext(['sql', statement, '--url', database.adminUrl]);
      await untilSleeping(database.superuserUrl, statement);
      running.child.kill(signal);
      expect(await running.ended).toBe(128 + constants.signals[signal]);
      expect(running.stdout()).toBe('');
      expect(running.stderr()).toMatch(
        /^Asked the server to cancel.*\nERROR 57014: canceling statement .*user request/,
      );
      expect(await sleeping(database.superuserUrl, statement)).toEqual([]);
      expect(await ask(database.adminUrl, `select * from ${signal}`)).toEqual([]);
    },
  );

  test('a second signal does not wait for a statement that will not be cancelled', async () => {
    const stubborn = `do $$ begin
      perform pg_sleep(600);
    exception when query_canceled then
      raise notice 'stubborn';
      perform pg_sleep(600);
    end $$`;
    const running = startSteadytext(['sql', stubborn, '--url', database.adminUrl]);
    await untilSleeping(database.superuserUrl, 'stubborn');
    running.child.kill('SIGINT');
    await running.printed(/NOTICE: stubborn/);
    // One that follows the first within half a second counts as one with it. A third would end a command that is just leaving.
    await sleep(600);
    running.child.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.stderr()).toMatch(/Left before the statement ended: it may still go on and commit\.\n$/);
    await ask(
      database.superuserUrl,
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity where query like 'do %stubborn%'`,
    );
  });
});

async function interrupt(statement: string, url: string, watchUrl: string) {
  const world = makeWorld({ DATABASE_URL: url });
  const status = run(['sql', statement], world.context);
  await Promise.race([untilSleeping(watchUrl, statement), status]);
  world.stop('SIGINT');
  return { status: await status, stdout: world.stdout(), stderr: world.stderr() };
}
const CANCELLED = { status: 130, stdout: '', stderr: expect.stringContaining('ERROR 57014: ') };

test('a signal before the server answers leaves at once', async () => {
  const silent = await silentServer();
  const world = makeWorld({ DATABASE_URL: silent.url });
  const status = run(['sql', 'select 1'], world.context);
  await silent.visited;
  world.stop('SIGTERM');
  expect(await status).toBe(143);
});

test('a statement that had ended when the request to cancel it came is printed as always', async () => {
  const world = makeWorld({ DATABASE_URL: database.adminUrl });
  const deaf = `do $$ begin perform pg_sleep(600); exception when query_canceled then null; end /* deaf */ $$`;
  const status = run(['sql', deaf], world.context);
  await untilSleeping(database.superuserUrl, 'deaf');
  world.stop('SIGINT');
  expect(await status).toBe(130);
  expect(world.stdout()).toBe('DO\n');
});

test('a Ctrl-C that comes twice, from the terminal and from a parent that passes it on, counts once', async () => {
  const world = makeWorld({ DATABASE_URL: database.adminUrl });
  const deaf = `do $$ begin perform pg_sleep(600); exception when query_canceled then null; end /* twice */ $$`;
  const status = run(['sql', deaf], world.context);
  await untilSleeping(database.superuserUrl, 'twice');
  world.stop('SIGINT');
  world.stop('SIGINT');
  expect(await status).toBe(130);
  // A second one would not have waited for it.
  expect(world.stdout()).toBe('DO\n');
});

test('over an encrypted connection, with nothing said in the clear', async () => {
  const direct = await encryptedUrl();
  const tap = await openWiretap(Number(direct.port));
  const url = new URL(direct);
  url.port = String(tap.port);
  expect(await interrupt('select pg_sleep(600)', url.href, direct.href)).toEqual(CANCELLED);
  const SSL_REQUEST = '0000000804d2162f';
  expect(tap.firstWords()).toEqual([SSL_REQUEST, SSL_REQUEST]);
});

test('over a unix socket', async () => {
  const folder = emptyFolder();
  const server = await start({
    version: inject('serverVersion'),
    dataDir: folder,
    settings: { unix_socket_directories: '/tmp' },
  });
  const url = new URL(server.superuserUrl);
  url.searchParams.set('host', '/tmp');
  expect(await interrupt('select pg_sleep(600)', url.href, server.superuserUrl)).toEqual(CANCELLED);
});
