// The embedded server: started, stopped, killed, and started again on what it left.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { locateInstallation, SERVER_VERSIONS } from '../../workers/dev/binaries.ts';
import type { EmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { runServer } from '../../workers/dev/server-process.ts';
import { serverAccount } from '../../workers/dev/system-account.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, emptyFolder, isAlive, start, usedFolder } from './world.ts';

describe.each(SERVER_VERSIONS)('PostgreSQL %i', (version) => {
  test('starts in a temporary folder, for this machine only, asks for the password, and leaves nothing when it stops', async () => {
    const server = await start({ version, temporary: true });
    const [row] = await ask(
      server.superuserUrl,
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('listen_addresses') as addresses,
              current_setting('unix_socket_directories') as sockets, current_setting('password_encryption') as passwords`,
    );
    expect(row).toEqual({ version, addresses: '127.0.0.1', sockets: '', passwords: 'scram-sha-256' });
    await expect(ask(server.url('postgres', 'wrong', 'postgres'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
    await server.stop();
    expect(existsSync(server.dataDir)).toBe(false);
    expect(isAlive(server.pid)).toBe(false);
  });

  test('comes back on the same port with its data after a crash', async () => {
    const server = await start({ version, temporary: true, durable: true });
    await ask(server.superuserUrl, 'create table kept as select 7 as a');
    const { pid } = server;
    await server.kill();
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await ask(server.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
  });
});

test('data that stays is written durably, and a temporary server only trades that for speed', async () => {
  const settings = async (url: string) =>
    (await ask(url, `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages`))[0];
  const kept = await start({ version: 18, dataDir: await usedFolder() });
  expect(await settings(kept.superuserUrl)).toEqual({ fsync: 'on', pages: 'on' });
  const durable = await start({ version: 18, temporary: true, durable: true });
  expect(await settings(durable.superuserUrl)).toEqual({ fsync: 'on', pages: 'on' });
  const fast = await start({ version: 18, temporary: true });
  expect(await settings(fast.superuserUrl)).toEqual({ fsync: 'off', pages: 'off' });
});

test('a second start on a folder has the same address and the same data', async () => {
  const dataDir = emptyFolder();
  const first = await start({ version: 18, dataDir });
  await ask(first.superuserUrl, 'create table kept as select 7 as a');
  await first.stop();
  const second = await start({ version: 18, dataDir });
  expect(second.superuserUrl).toBe(first.superuserUrl);
  expect(await ask(second.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test.each(['smart', 'fast', 'immediate'] as const)('stop(%s) ends it, and a second stop does no harm', async (mode) => {
  const server = await start({ version: 18, temporary: true });
  await server.stop(mode);
  expect(isAlive(server.pid)).toBe(false);
  await server.stop(mode);
});

async function occupy(port = 0): Promise<{ port: number; [Symbol.asyncDispose](): Promise<void> }> {
  const other = createServer().listen({ host: '127.0.0.1', port });
  await once(other, 'listening');
  return {
    port: (other.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      other.close();
      await once(other, 'close');
    },
  };
}

test('a port in use is refused with what to do, and the folder is free again', async () => {
  const dataDir = await usedFolder();
  await using other = await occupy();
  await expect(start({ version: 18, dataDir, port: other.port })).rejects.toMatchObject({
    name: 'PortInUse',
    message: expect.stringContaining(String(other.port)),
    hint: expect.stringContaining('--port'),
  });
  await start({ version: 18, dataDir });
});

test('a free port that is asked for is taken', async () => {
  const { port, ...other } = await occupy();
  await other[Symbol.asyncDispose]();
  expect((await start({ version: 18, temporary: true, port })).port).toBe(port);
});

test('the port of the last start is left alone when another program has it by now', async () => {
  const dataDir = await usedFolder();
  const first = await start({ version: 18, dataDir });
  await first.stop();
  await using other = await occupy(first.port);
  expect((await start({ version: 18, dataDir })).port).not.toBe(other.port);
});

test('several that start at the same time get a port each', async () => {
  const servers = await Promise.all([18, 17, 16].map((version) => start({ version: version as 18, temporary: true })));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
});

test('a folder in use is refused with the id of the process that uses it', async () => {
  const dataDir = await usedFolder();
  const server = await start({ version: 18, dataDir });
  await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
    name: 'EmbeddedServerFailed',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  expect(await ask(server.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
});

test('data of another version is refused, naming both', async () => {
  const dataDir = emptyFolder();
  await (await start({ version: 17, dataDir })).stop();
  await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
    message: expect.stringMatching(/PostgreSQL 18, but holds data of PostgreSQL 17/),
    hint: expect.stringContaining('--pg 17'),
  });
});

test('damaged data is told with the end of the server log', async () => {
  const dataDir = await usedFolder();
  rmSync(join(dataDir, 'data', 'global', 'pg_control'));
  await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
    name: 'EmbeddedServerFailed',
    message: expect.stringContaining('pg_control'),
    hint: expect.stringContaining('server.log'),
  });
});

test('a stale pid file whose number belongs to another program by now is no obstacle', async () => {
  const dataDir = await usedFolder();
  const first = await start({ version: 18, dataDir });
  await first.kill();
  const file = join(dataDir, 'data', 'postmaster.pid');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
  await first.stop();
  const second = await start({ version: 18, dataDir });
  expect(await ask(second.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
});

test('a server that its process left running is ended, and the folder used again', async () => {
  const dataDir = await usedFolder();
  const first = await start({ version: 18, dataDir });
  await first.stop();
  const left = await runServer({
    installation: locateInstallation(18),
    folder: { root: dataDir, cluster: join(dataDir, 'data'), log: join(dataDir, 'server.log'), temporary: false },
    account: serverAccount(),
    port: first.port,
    settings: {},
  });
  const second = await start({ version: 18, dataDir });
  await left.ended;
  expect(second.pid).not.toBe(left.pid);
  expect(await ask(second.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
});

interface OtherProcess {
  readonly child: ChildProcess;
  readonly server: { readonly pid: number; readonly port: number; readonly folder: string };
}

async function inAnotherProcess(dataDir?: string): Promise<OtherProcess> {
  const script = fileURLToPath(new URL('run-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, ...(dataDir ? [dataDir] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, server: JSON.parse(line.toString()) as OtherProcess['server'] };
}

async function killHard({ child }: OtherProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('when our process is killed with -9, its server ends and a temporary folder goes', async () => {
  const other = await inAnotherProcess();
  expect(existsSync(other.server.folder)).toBe(true);
  await killHard(other);
  await waitFor(() => !isAlive(other.server.pid), 'the server to end');
  await waitFor(() => !existsSync(other.server.folder), 'its folder to go');
});

test('after a kill -9 the next start on the folder works, at once', async () => {
  const dataDir = await usedFolder();
  const other = await inAnotherProcess(dataDir);
  await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
    message: expect.stringContaining(`process ${other.child.pid}`),
  });
  await killHard(other);
  const server = await start({ version: 18, dataDir });
  expect(server.port).toBe(other.server.port);
  expect(await ask(server.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
});

describe('apart from its starter', () => {
  beforeEach((context) => {
    if (process.platform !== 'linux') context.skip('it is seen in /proc, which only Linux has');
  });

  const read = async (server: EmbeddedServer, file: string) =>
    (
      await ask(server.superuserUrl, `select encode(pg_read_binary_file('/proc/${server.pid}/${file}'), 'hex') as hex`)
    ).map(({ hex }) => Buffer.from(hex, 'hex').toString())[0]!;

  test('the server has its own session, which Ctrl-C in the terminal of our process does not reach, and no variables of the user', async () => {
    const server = await start({ version: 18, temporary: true });
    const stat = await read(server, 'stat');
    // Fields after the command: state, parent, group, session.
    expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])).toBe(server.pid);
    const environment = (await read(server, 'environ')).split('\0').filter((line) => /^[A-Z_]+=/.test(line));
    expect(environment).toContain('LC_ALL=C');
    expect(environment.filter((line) => /^(HOME|USER|PGDATA|PGPORT|LANG|NODE_\w+)=/.test(line))).toEqual([]);
  });
});

test('an address that the machine does not have is told as that, and not as a damaged folder', async () => {
  // Of the block that is kept for documentation: no machine has it.
  const elsewhere = { listen_addresses: '203.0.113.1' };
  await expect(start({ version: 18, temporary: true, settings: elsewhere })).rejects.toMatchObject({
    name: 'EmbeddedServerFailed',
    message: expect.stringContaining('could not bind'),
    hint: expect.stringMatching(/^This machine cannot listen there: .*listen_addresses/),
  });
});
