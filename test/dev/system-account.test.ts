// As root: another account runs the server, with data and programs where it can reach them.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Installation, locateInstallation } from '../../workers/dev/binaries.ts';
import { defaultDataFolder, openDataFolder } from '../../workers/dev/data-folder.ts';
import {
  closedFolder,
  ROOT_STATE_FOLDER,
  reachableInstallation,
  type SystemAccount,
  serverAccount,
} from '../../workers/dev/system-account.ts';
import { ask, emptyFolder, isRoot, start } from './world.ts';

/** A copy of the programs in a home that is closed to others. */
function hiddenInstallation(home: string): Installation {
  const installation = locateInstallation(18);
  execFileSync('cp', ['-r', installation.folder, join(home, 'native')]);
  chmodSync(home, 0o700);
  return { ...installation, folder: join(home, 'native') };
}

const runs = (folder: string, { uid, gid }: SystemAccount) =>
  execFileSync(join(folder, 'bin', 'postgres'), ['--version'], { uid, gid, cwd: '/' }).toString();

async function under(umask: number, work: () => Promise<void>): Promise<void> {
  const before = process.umask(umask);
  await work().finally(() => process.umask(before));
}

describe('as root', () => {
  beforeEach((context) => {
    if (!isRoot) context.skip('this test run is not by root');
  });

  test('the server runs as another account', async () => {
    const account = serverAccount()!;
    expect(account.uid).toBeGreaterThan(0);
    const server = await start({ version: 18, temporary: true });
    expect(statSync(join(server.dataDir, 'data')).uid).toBe(account.uid);
    expect(statSync(`/proc/${server.pid}`).uid).toBe(account.uid);
    expect(await ask(server.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
  });

  test('without any account to run it as, one sentence says what to do', () => {
    expect(() => serverAccount(['no-such-account'])).toThrow(
      expect.objectContaining({ name: 'EmbeddedServerFailed', hint: expect.stringContaining('useradd') }),
    );
  });

  test('no program of the current directory is asked for it', () => {
    const here = emptyFolder();
    writeFileSync(join(here, 'id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
    const script = `import { serverAccount } from '${import.meta.resolve('../../workers/dev/system-account.ts')}';
      console.log(JSON.stringify(serverAccount(['nobody'])));`;
    const env = { PATH: `:.:${process.env.PATH}` };
    const options = { cwd: here, env, encoding: 'utf8', stdio: 'pipe' } as const;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], options);
    expect(JSON.parse(said)).toEqual(serverAccount(['nobody']));
  });

  test('nobody will do where there is no postgres', () => {
    expect(serverAccount(['no-such-account', 'nobody'])?.name).toBe('nobody');
  });

  test('a data folder that the account cannot enter is refused, naming the closed folder', async () => {
    const closed = emptyFolder();
    chmodSync(closed, 0o700);
    mkdirSync(join(closed, 'inner'));
    await expect(start({ version: 18, dataDir: join(closed, 'inner', 'data') })).rejects.toMatchObject({
      name: 'EmbeddedServerFailed',
      message: expect.stringContaining(closed),
      hint: expect.stringContaining('--data'),
    });
  });

  test('the default folder lies in root’s own place where the cache folder is closed to the account', () => {
    const account = serverAccount();
    const closed = emptyFolder();
    chmodSync(closed, 0o700);
    expect(defaultDataFolder(join(closed, 'cache'), 18, account)).toBe(`${ROOT_STATE_FOLDER}/postgres/18`);
    chmodSync(closed, 0o755);
    expect(defaultDataFolder(join(closed, 'cache'), 18, account)).toBe(join(closed, 'cache', 'postgres', '18'));
  });

  test('programs below a closed home are copied once to where the account can run them', () => {
    const account = serverAccount()!;
    const [home, state] = [emptyFolder(), emptyFolder()];
    chmodSync(home, 0o755);
    chmodSync(state, 0o755);
    const installation = locateInstallation(18);
    expect(reachableInstallation({ ...installation, folder: home }, account, state).folder).toBe(home);

    const hidden = join(home, 'node_modules');
    execFileSync('cp', ['-r', installation.folder, hidden]);
    chmodSync(home, 0o700);
    const copied = reachableInstallation({ ...installation, folder: hidden }, account, state);
    expect(closedFolder(copied.folder, account)).toBeUndefined();
    expect(runs(copied.folder, account)).toContain('PostgreSQL) 18');
    const made = statSync(copied.folder).ctimeMs;
    expect(reachableInstallation({ ...installation, folder: hidden }, account, state).folder).toBe(copied.folder);
    expect(statSync(copied.folder).ctimeMs).toBe(made);
  });

  test('under a umask that closes what is new, copies and folders on the way are open to the account all the same', async () => {
    const account = serverAccount()!;
    const [home, state] = [emptyFolder(), emptyFolder()];
    chmodSync(state, 0o755);
    await under(0o077, async () => {
      const hidden = hiddenInstallation(home);
      const copied = reachableInstallation(hidden, account, join(state, 'own'));
      expect(runs(copied.folder, account)).toContain('PostgreSQL) 18');
      const server = await start({ version: 18, dataDir: join(state, 'on', 'the', 'way') });
      expect(await ask(server.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
    });
  });

  test('a copy and folders of root’s own place that were left closed are opened', async () => {
    const account = serverAccount()!;
    const [home, place] = [emptyFolder(), emptyFolder()];
    chmodSync(place, 0o755);
    const state = join(place, 'state');
    const hidden = hiddenInstallation(home);
    const { folder } = reachableInstallation(hidden, account, state);
    execFileSync('chmod', ['-R', 'go-rwx', state]);
    expect(closedFolder(folder, account)).toBe(state);
    expect(runs(reachableInstallation(hidden, account, state).folder, account)).toContain('PostgreSQL) 18');
    mkdirSync(join(state, 'postgres'), { mode: 0o700 });
    chmodSync(state, 0o700);
    const data = openDataFolder(join(state, 'postgres', '18'), account, state);
    expect(closedFolder(data.root, account)).toBeUndefined();
  });

  test('a copy that somebody else could have written is not run', () => {
    const account = serverAccount()!;
    const [home, state] = [emptyFolder(), emptyFolder()];
    chmodSync(home, 0o700);
    chmodSync(state, 0o777);
    const installation = { ...locateInstallation(18), folder: join(home, 'native') };
    expect(() => reachableInstallation(installation, account, state)).toThrow(
      expect.objectContaining({ name: 'EmbeddedServerFailed', message: expect.stringContaining(home) }),
    );
    expect(existsSync(join(state, 'postgres-binaries', installation.release))).toBe(false);
  });
});
