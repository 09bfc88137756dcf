// bin/steadytext.mjs: the same command under an older Node, with status, streams and signals passed through.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../house/source-tree.ts';
import { childrenOf, isAlive, treeOf } from './processes.ts';

const SHIM = join(ROOT, 'bin', 'steadytext.mjs');
/** Makes this Node say that it is older; the one the shim starts has no such flag and tells its real version. */
const OLDER = [
  '--import',
  `data:text/javascript,${encodeURIComponent("Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})")}`,
];

test('an older Node runs the command on the pinned one and gives its status', () => {
  const version = spawnSync(process.execPath, [...OLDER, SHIM, '--version'], { encoding: 'utf8' });
  expect(version).toMatchObject({ status: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const mistake = spawnSync(process.execPath, [...OLDER, SHIM, 'no-such-command'], { encoding: 'utf8' });
  expect(mistake.status).toBe(2);
  expect(mistake.stderr).toMatch(/unknown command 'no-such-command'/);
});

test('standard input reaches the command through an older Node', () => {
  const env = { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const sql = spawnSync(process.execPath, [...OLDER, SHIM, 'sql'], { encoding: 'utf8', input: 'select 1', env });
  expect(sql.status).toBe(1);
  expect(sql.stderr).toMatch(/^ST051 DatabaseUnreachable/);
});

test('a signal to the older Node ends the command below it', async () => {
  const shim = spawn(process.execPath, [...OLDER, SHIM, 'sql'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
  });
  // The command waits for its statement on standard input, so it is there until the signal comes.
  await expect.poll(() => childrenOf(shim.pid!), { timeout: 20_000 }).toHaveLength(1);
  const [pid] = childrenOf(shim.pid!);
  shim.kill('SIGTERM');
  expect(await once(shim, 'exit')).toEqual([null, 'SIGTERM']);
  await expect.poll(() => isAlive(pid!), { timeout: 10_000 }).toBe(false);
});

test('what is compiled is kept in the cache of the user, not in one that may be shared, and missed where it cannot be', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-shim-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const version = (env: Record<string, string>) =>
    spawnSync(process.execPath, [SHIM, '--version'], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
  const [home, xdg, shared] = [join(folder, 'home'), join(folder, 'xdg'), join(folder, 'shared')];
  expect(version({ HOME: home, STEADYTEXT_CACHE_DIR: shared })).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(folder)).toEqual(['home']);
  expect(readdirSync(join(home, '.cache', 'steadytext', 'compiled'), { recursive: true }).length).toBeGreaterThan(20);
  version({ HOME: home, XDG_CACHE_HOME: xdg });
  expect(readdirSync(join(xdg, 'steadytext', 'compiled'), { recursive: true }).length).toBeGreaterThan(20);
  writeFileSync(join(folder, 'file'), '');
  expect(version({ HOME: join(folder, 'file') })).toMatchObject({ status: 0, stderr: '' });
});

test('nothing that is compiled is taken from the current directory', () => {
  const here = mkdtempSync(join(tmpdir(), 'steadytext-shim-'));
  onTestFinished(() => rmSync(here, { recursive: true }));
  for (const env of [{ XDG_CACHE_HOME: 'cache', HOME: join(here, 'home') }, { HOME: 'home' }, { HOME: '' }]) {
    const options = { cwd: here, env: { PATH: process.env.PATH, ...env } };
    expect(spawnSync(process.execPath, [SHIM, '--version'], options).status).toBe(0);
  }
  expect(readdirSync(here)).toEqual(['home']);
  expect(readdirSync(join(here, 'home'))).toEqual(['.cache']);
});

/** Takes connections and never says a word, so that whoever asks it waits. */
async function silentServer(): Promise<string> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/none`;
}

test.each([
  ['a statement that waits', ['sql', 'select 1'], () => true],
  ['a database of dev', ['dev', '--temp', '--no-worker'], (printed: string) => /^admin /.test(printed)],
])('kill -9 of the older Node ends %s below it', async (_, args, isReady) => {
  const shim = spawn(process.execPath, [...OLDER, SHIM, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, DATABASE_URL: await silentServer() },
  });
  let printed = '';
  shim.stdout.on('data', (chunk) => {
    printed += String(chunk);
  });
  await expect.poll(() => childrenOf(shim.pid!), { timeout: 20_000 }).toHaveLength(1);
  await expect.poll(() => isReady(printed), { timeout: 60_000 }).toBeTruthy();
  const below = treeOf(shim.pid!).map(({ pid }) => pid);
  shim.kill('SIGKILL');
  onTestFinished(() => {
    for (const pid of below.filter(isAlive)) process.kill(pid, 'SIGTERM');
  });
  await expect.poll(() => below.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});
