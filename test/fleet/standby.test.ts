// A worker whose addresses lead to a real standby: a server that was stopped and came back with standby.signal.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { checkBeforeStart } from '../../workers/fleet/start-checks.ts';
import { startListener } from '../../workers/queue/listener.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { runCommand } from '../cli/world.ts';
import { startSteadytext } from '../commands/steadytext-process.ts';
import { ask, emptyFolder, start } from '../dev/world.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const primary = useDatabase();

const check = (databaseUrl: string, listenUrl?: string) =>
  checkBeforeStart({ databaseUrl, listenUrl, schema: 'steadytext' }).catch((error) => error);

test('a worker is told of a standby in one sentence, and starts once that is a primary', async () => {
  const server = await start({ version: inject('serverVersion'), dataDir: emptyFolder() });
  await ask(server.superuserUrl, 'create database app');
  await migrate({ url: server.url('postgres', server.passwords.postgres, 'app') });
  await ask(server.superuserUrl, `create role worker login password 'secret' in role steadytext_worker`);
  await ask(server.superuserUrl, `create role app login password 'secret' in role steadytext_writer`);
  const url = server.url('worker', 'secret', 'app');
  expect(await check(url)).toBeUndefined();
  writeFileSync(join(server.dataDir, 'data', 'standby.signal'), '');
  await server.restart();

  const worker = startSteadytext(['worker'], { DATABASE_URL: url });
  expect(await worker.ended).toBe(1);
  expect(worker.stderr()).toBe(
    'ST070 DatabaseReadOnly: The server should be a primary, since claiming needs one, but is a standby\n' +
      'hint: Give the address of the primary.\n',
  );
  expect(await check(primary.workerUrl, url)).toMatchObject({
    name: 'DatabaseReadOnly',
    message: 'STEADYTEXT_LISTEN_URL: The server should be a primary, since LISTEN needs one, but is a standby',
    hint: expect.stringContaining('STEADYTEXT_LISTEN_URL takes a direct address of the primary'),
  });
  for (const flags of [[], ['--wait']]) {
    const enqueue = ['enqueue', 'embed', 'x', '--url', server.url('app', 'secret', 'app'), ...flags];
    expect(await runCommand(enqueue)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ST070 DatabaseReadOnly: .*\nhint: .*leads to the primary.*\n$/),
    });
  }
  // A server may become one behind a worker's back: the listener says so and leaves it to the polls.
  const states: string[] = [];
  const listener = startListener({
    ...{ url, name: 'standby test', channelPrefix: '', onWork: () => {}, onControl: () => {} },
    onState: (state) => states.push(state),
  });
  onTestFinished(() => listener.close());
  await waitFor(() => states.length > 0, 'the listener to be refused');
  expect(states).toEqual(['standby']);

  await ask(server.superuserUrl, 'select pg_promote()');
  expect(await check(url, url)).toBeUndefined();
  expect(await check(primary.workerUrl, url)).toBeUndefined();
});
