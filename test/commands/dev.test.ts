// `steadytext dev` without a worker: the database, the command of --exec, and that nothing is left however it ends.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isAlive, treeOf } from '../cli/processes.ts';
import { waitFor } from '../support/wait-for.ts';
import { runSteadytext, startSteadytext } from './steadytext-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-dev-'));
// Where the tests run as root, the server runs as another account, which must get through to its data.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NODE = `"${process.execPath}"`;
const STEADYTEXT = `${NODE} bin/steadytext.mjs`;
const QUIET = ['dev', '--temp', '--no-worker'];

describe('the command of --exec', () => {
  test('gets an ordinary writer and the owner of the database, neither a superuser, and finds this steadytext by its name; it gives its exit status, and the folder of a temporary database is gone afterwards', async () => {
    const who = 'select current_user as login, rolsuper from pg_roles where rolname = current_user';
    const { status, stdout, stderr } = await runSteadytext([
      ...QUIET,
      '--exec',
      `steadytext sql --csv "${who}" && ${STEADYTEXT} sql --csv --url "$STEADYTEXT_ADMIN_URL" "${who}" && exit 7`,
    ]);
    expect(stdout.trim().split('\n'), stderr).toEqual(['login,rolsuper', 'app,f', 'login,rolsuper', 'admin,f']);
    expect(status).toBe(7);
    const [, data] = stderr.match(/data in (\S+)\.$/m)!;
    expect(existsSync(data!)).toBe(false);
  });

  test.each([
    {
      DATABASE_URL: 'postgres://x@other/x',
      STEADYTEXT_SCHEMA: 'mine',
      STEADYTEXT_LISTEN_URL: 'postgres://x@y/z',
      PGSSLMODE: 'require',
    },
    { PGSSLMODE: 'verifyfull', PGSSLNEGOTIATION: 'direct', PGOPTIONS: '-c statement_timeout=1' },
  ])("settings for the caller's own database do not reach it: %o", async (env) => {
    const print = `${NODE} -p "[process.env.STEADYTEXT_SCHEMA, process.env.STEADYTEXT_LISTEN_URL, process.env.DATABASE_URL.includes('other')].join()"`;
    const exec = `${print} && ${STEADYTEXT} sql --csv "show statement_timeout" && ${STEADYTEXT} status`;
    const { status, stdout, stderr } = await runSteadytext([...QUIET, '--exec', exec], env);
    expect({ status, stdout }, stderr).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^,,false\nstatement_timeout\n0\n/),
    });
  });
});

describe('nothing is left running', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'after %s while the command runs, with what the command started',
    async (signal) => {
      const dev = startSteadytext([...QUIET, '--exec', `echo started; ${NODE} -e "setInterval(() => {}, 1e6)" & wait`]);
      await dev.printed(/^started$/m);
      const below = await waitFor(() => everything(dev.pid, /setInterval/), 'the server and the command to run');
      dev.child.kill(signal);
      expect(await dev.ended).toBe(signal === 'SIGTERM' ? 143 : 130);
      await waitFor(() => below.every((pid) => !isAlive(pid)), 'all processes to end');
    },
  );

  test('when the command leaves something in the background', async () => {
    const dev = startSteadytext([...QUIET, '--exec', `${NODE} -e "setInterval(() => {}, 1e6)" & echo background $!`]);
    const [, pid] = await dev.printed(/^background (\d+)$/m);
    expect(await dev.ended).toBe(0);
    await waitFor(() => !isAlive(Number(pid)), 'the background process to end');
  });

  test('after Ctrl-C of a dev that stays, and after kill -9', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const dev = startSteadytext(QUIET);
      await dev.printed(/^Ctrl-C stops/m);
      expect(dev.stdout()).toMatch(/^admin {3}postgresql:\/\/admin:.*\nwriter {2}postgresql:\/\/app:/);
      // Nothing is promised that only a worker does.
      expect(dev.stdout()).toMatch(
        /\nNo worker runs, .*\n +npx steadytext worker --url 'postgresql:\/\/worker:\S+'\n$/,
      );
      expect(dev.stderr()).toMatch(/^Ctrl-C stops PostgreSQL \d+\.$/m);
      const below = treeOf(dev.pid).map(({ pid }) => pid);
      expect(below.length).toBeGreaterThan(3);
      dev.child.kill(signal);
      expect(await dev.ended).toBe(signal === 'SIGINT' ? 0 : 'SIGKILL');
      await waitFor(() => below.every((pid) => !isAlive(pid)), 'all processes to end');
    }
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s before it is ready ends it early, which its status says', async (signal, status) => {
  const dev = startSteadytext(QUIET);
  await dev.printed(/^PostgreSQL 18 on port/m);
  dev.child.kill(signal);
  expect(await dev.ended).toBe(status);
  expect(dev.stdout()).toBe('');
});

describe('a PostgreSQL that is killed ends dev, which says so', () => {
  const command = `echo started; ${NODE} -e "setInterval(() => {}, 1e6)" & wait`;
  test.each([
    ['that stays', [], /^Ctrl-C stops/m],
    ['that runs a command, and the command too', ['--exec', command], /^started$/m],
  ])('%s', async (_, flags, ready) => {
    const dev = startSteadytext([...QUIET, ...flags]);
    await dev.printed(ready);
    const tree = treeOf(dev.pid);
    const below = tree.map(({ pid }) => pid);
    process.kill(tree.find((row) => row.parent === dev.pid && / -D /.test(row.command))!.pid, 'SIGKILL');
    try {
      await waitFor(() => below.every((pid) => !isAlive(pid)), 'all processes to end');
      expect(await dev.ended).toBe(1);
      expect(dev.stderr()).toMatch(/\nST067 EmbeddedServerFailed: PostgreSQL should run .*\nhint: .*\n$/);
    } finally {
      dev.child.kill('SIGKILL');
    }
  });
});

describe('a folder of data', () => {
  test('keeps rows and addresses from one start to the next', async () => {
    const data = ['dev', '--no-worker', '--data', join(folder, 'kept')];
    const first = await runSteadytext([...data, '--exec', `${STEADYTEXT} enqueue embed "kept"; echo "$DATABASE_URL"`]);
    const second = await runSteadytext([
      ...data,
      '--exec',
      `${STEADYTEXT} sql --csv "select request_id from steadytext_requests"; echo "$DATABASE_URL"`,
    ]);
    const [id, url] = first.stdout.trim().split('\n');
    expect(id, first.stderr).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.stdout.trim().split('\n'), second.stderr).toEqual(['request_id', id, url]);
  });
});

describe('mistakes', () => {
  test('a port in use is told in one sentence, with no server left', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await waitFor(() => taken.listening, 'the port to be taken');
    const { port } = taken.address() as { port: number };
    const { status, stderr } = await runSteadytext([...QUIET, '--port', String(port), '--exec', 'true']);
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^ST066 PortInUse: .*${port}.*\nhint: `));
  });

  test('a folder with files in it is left alone, and the message says what would do', async () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    for (const name of ['owner', 'notes.txt']) writeFileSync(join(project, name), 'Jane Doe');
    const { status, stderr } = await runSteadytext(['dev', '--no-worker', '--data', project, '--exec', 'true']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^ST067 EmbeddedServerFailed: .* should be new, empty, .*owner\nhint: .*--data.*\n$/,
      ),
    });
    expect(readdirSync(project).sort()).toEqual(['notes.txt', 'owner']);
  });

  test.skipIf(process.platform !== 'linux')('a folder where the system lets nobody make one', async () => {
    const { status, stderr } = await runSteadytext(['dev', '--no-worker', '--data', '/proc/none/x', '--exec', 'true']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^ST067 EmbeddedServerFailed: .*\/proc\/none\/x could not be made: ENOENT.*\nhint: /,
      ),
    });
  });

  test.each([
    [['--pg', '14'], /--pg: expected 15, 16, 17 or 18, got "14"/],
    [['--port', '0x10'], /--port: expected a port from 1 to 65535, got "0x10"/],
    [['--port', 'x'], /--port: expected a port from 1 to 65535, got "x"/],
    [['--temp', '--data', 'x'], /cannot be used with/],
    [['--engines', '0'], /--engines: expected a whole number/],
  ])('%s', async (flags, text) => {
    const { status, stderr } = await runSteadytext(['dev', ...flags, '--exec', 'true']);
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(status).toBe(2);
  });
});

/** Everything below a process, once something of it matches. */
function everything(pid: number, pattern: RegExp): number[] | undefined {
  const tree = treeOf(pid);
  return tree.some(({ command }) => pattern.test(command) && !command.includes('bin/steadytext.mjs'))
    ? tree.map((row) => row.pid)
    : undefined;
}
