// As root: the data folder is root's own, and what the server's account left in one of an earlier release does root no harm.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '../../workers/dev/data-folder.ts';
import { serverAccount } from '../../workers/dev/system-account.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, emptyFolder, isAlive, isRoot, start, usedFolder } from './world.ts';

const SECRET = 'of root alone\n';

beforeEach((context) => {
  if (!isRoot) context.skip('this test run is not by root');
});

const ownerAndMode = (path: string) => {
  const { uid, mode } = statSync(path);
  return [uid, (mode & 0o7777).toString(8)];
};

/** A file that nobody but root has a right to. */
function fileOfRoot(): string {
  const file = join(emptyFolder(), 'file-of-root');
  writeFileSync(file, SECRET, { mode: 0o600 });
  return file;
}

/** What the account can do with a file of a folder. */
function asAccount(program: string, ...words: string[]): void {
  const { uid, gid } = serverAccount()!;
  execFileSync(program, words, { uid, gid, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A folder that was used, and belongs to the account as in earlier releases. */
async function earlierFolder(): Promise<string> {
  const dataDir = await usedFolder();
  chmodSync(dataDir, 0o700);
  chownSync(dataDir, serverAccount()!.uid, serverAccount()!.gid);
  return dataDir;
}

test.each(['that stays', 'that is temporary'])('in a folder %s only the cluster is the account’s', async (which) => {
  const dataDir = emptyFolder();
  const server = await start(which === 'that stays' ? { version: 18, dataDir } : { version: 18, temporary: true });
  expect(ownerAndMode(server.dataDir)).toEqual([0, '711']);
  expect(ownerAndMode(join(server.dataDir, 'data'))).toEqual([serverAccount()!.uid, '700']);
  for (const name of ['secrets.json', 'server.log', 'owner'])
    expect([name, ...ownerAndMode(join(server.dataDir, name))]).toEqual([name, 0, '600']);
  for (const name of ['secrets.json.new', 'server.log'])
    expect(() => asAccount('ln', '-sf', '/etc/passwd', join(server.dataDir, name))).toThrow('Permission denied');
});

describe('a folder of an earlier release', () => {
  test('becomes root’s, with its data and addresses', async () => {
    const dataDir = await earlierFolder();
    const server = await start({ version: 18, dataDir });
    expect(await ask(server.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
    expect(ownerAndMode(dataDir)).toEqual([0, '711']);
  });

  test('no link is followed that the account left for what root writes and removes again', async () => {
    const dataDir = await earlierFolder();
    const target = fileOfRoot();
    // Without them the start makes the mark and the cluster, as a first one.
    for (const name of ['steadytext-dev', 'data']) rmSync(join(dataDir, name), { recursive: true });
    const { pid } = process;
    for (const name of ['secrets.json.new', 'initdb-password', `owner.${pid}`, `steadytext-dev.${pid}`])
      asAccount('ln', '-s', target, join(dataDir, name));
    await start({ version: 18, dataDir });
    expect(readFileSync(target, 'utf8')).toBe(SECRET);
    expect(ownerAndMode(target)).toEqual([0, '600']);
    expect(lstatSync(join(dataDir, 'secrets.json')).isFile()).toBe(true);
  });

  test.each([
    ['a link', (target: string, log: string) => asAccount('ln', '-s', target, log)],
    ['another name of a file', (target: string, log: string) => linkSync(target, log)],
    ['a pipe', (_: string, log: string) => asAccount('mkfifo', log)],
  ])('with %s in the log’s place is refused, until that is removed', async (_, leave) => {
    const dataDir = await earlierFolder();
    const log = join(dataDir, 'server.log');
    const target = fileOfRoot();
    rmSync(log);
    leave(target, log);
    for (const _time of ['first', 'second'])
      await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
        name: 'EmbeddedServerFailed',
        message: expect.stringContaining(log),
        hint: `Nothing was written. Remove ${log} and start again.`,
      });
    expect(readFileSync(target, 'utf8')).toBe(SECRET);
    rmSync(log);
    const server = await start({ version: 18, dataDir });
    expect(await ask(server.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
  });

  test('with a link to nothing in the note’s place is refused, and not waited for', async () => {
    const dataDir = await earlierFolder();
    asAccount('ln', '-s', '/nowhere', join(dataDir, 'owner'));
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      message: expect.stringContaining(`${join(dataDir, 'owner')} should hold the id of a process`),
    });
  });

  test('of another user is refused and stays as it was: that user could leave links too', async () => {
    const dataDir = await earlierFolder();
    chownSync(dataDir, 4711, 4711);
    chmodSync(dataDir, 0o755);
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      message: expect.stringMatching(/should belong to root or \w+, .* but belongs to the user with the id 4711$/),
      hint: expect.stringMatching(/^Nothing was changed\. .* as that user\.$/),
    });
    expect(ownerAndMode(dataDir)).toEqual([4711, '755']);
  });
});

describe('what the account writes into the cluster', () => {
  /** A process of root's with the cluster's path among its words, as an editor or a backup has it. */
  async function processOfRoot(cluster: string): Promise<ChildProcess & { pid: number }> {
    const child = spawn('/bin/sh', ['-c', 'echo there; read -r word', cluster], { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => void child.stdin.end());
    await once(child.stdout, 'data');
    return child as unknown as ChildProcess & { pid: number };
  }

  test('does not make root end a process that is not the account’s', async () => {
    const dataDir = await earlierFolder();
    const other = await processOfRoot(join(dataDir, 'data'));
    writeFileSync(join(dataDir, 'data', 'postmaster.pid'), `${other.pid}\n`);
    const server = await start({ version: 18, dataDir });
    expect(await ask(server.superuserUrl, 'select a from kept')).toEqual([{ a: 7 }]);
    expect([isAlive(other.pid), other.exitCode, other.signalCode]).toEqual([true, null, null]);
  });

  test('does not show root’s files, nor keep root waiting', async () => {
    const dataDir = await earlierFolder();
    const version = join(dataDir, 'data', 'PG_VERSION');
    rmSync(version);
    asAccount('ln', '-s', fileOfRoot(), version);
    asAccount('mkfifo', join(dataDir, 'data', 'postmaster.pid'));
    const refusal = await start({ version: 18, dataDir }).catch((error: Error) => error);
    expect(refusal).toMatchObject({ name: 'EmbeddedServerFailed', message: expect.not.stringContaining('of root') });
  });

  test('does not have a cluster of others opened through a link', async () => {
    const dataDir = await earlierFolder();
    const elsewhere = join(emptyFolder(), 'data');
    renameSync(join(dataDir, 'data'), elsewhere);
    chmodSync(join(elsewhere, '..'), 0o755);
    asAccount('ln', '-s', elsewhere, join(dataDir, 'data'));
    // One of the account's own goes on working, as where somebody keeps it on another disk.
    await (await start({ version: 18, dataDir })).stop();
    chownSync(elsewhere, 4711, 4711);
    writeFileSync(join(elsewhere, 'postmaster.pid'), 'somebody’s');
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      message: expect.stringMatching(/data should be a folder of \w+, .* but is one of the user with the id 4711$/),
      hint: expect.stringContaining('--data'),
    });
    expect(existsSync(join(elsewhere, 'postmaster.pid'))).toBe(true);
  });
});

test('a temporary folder goes whole, and nothing beyond a link in it', async () => {
  const server = await start({ version: 18, temporary: true });
  const beyond = emptyFolder();
  writeFileSync(join(beyond, 'letter.txt'), 'Dear Jane');
  symlinkSync(beyond, join(server.dataDir, 'data', 'link'));
  mkdirSync(join(server.dataDir, 'data', 'more'));
  await server.stop();
  await waitFor(() => !existsSync(server.dataDir), 'the folder to go');
  expect(existsSync(join(beyond, 'letter.txt'))).toBe(true);
});

test('a folder that is reached through a link of root’s is opened there', async () => {
  const dataDir = await earlierFolder();
  const link = join(emptyFolder(), 'link');
  chmodSync(join(link, '..'), 0o755);
  symlinkSync(dataDir, link);
  expect(openDataFolder(link, serverAccount()).root).toBe(link);
  expect(ownerAndMode(dataDir)).toEqual([0, '711']);
});

test.for([
  ['may not give files away', ['setpriv', '--bounding-set', '-chown']],
  ['is the only user that there is', ['unshare', '--user', '--map-root-user']],
] as const)('where root %s, what to do is told, and no folder stays', async ([, [program, ...words]], context) => {
  const probe = spawnSync(program, [...words, 'true']);
  if (probe.status !== 0) context.skip(`${program} cannot do that here`);
  const tmp = emptyFolder();
  chmodSync(tmp, 0o755);
  const dev = [process.execPath, join(import.meta.dirname, '../../bin/steadytext.mjs'), 'dev', '--temp', '--no-worker'];
  const env = { ...process.env, TMPDIR: tmp };
  const { status, stderr } = spawnSync(program, [...words, ...dev, '--exec', 'true'], { env, encoding: 'utf8' });
  expect(stderr).toContain('ST067');
  expect(stderr).toContain('run the command as an ordinary user');
  expect(status).toBe(1);
  expect(readdirSync(tmp)).toEqual([]);
});
