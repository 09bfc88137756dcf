// A cache of another user's, who lets this one not enter it or not read its files: every command that looks there says so, and
// what to do; none takes it for empty. When the tests run as root, the commands are an ordinary user's.

import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { isRoot } from '../dev/world.ts';
import { ROOT } from '../house/source-tree.ts';
import { addWorld, folderWith, tinyGguf } from '../inference/add/support.ts';
import { CLOSED } from '../inference/store/support.ts';
import { asOrdinaryUser, NOBODY, skipWhereClosed } from '../support/ordinary-user.ts';

beforeEach((context) => skipWhereClosed(context, ROOT));

/** Of the user that all commands are run by: what one has compiled the next need not. */
const home = mkdtempSync(join(tmpdir(), 'steadytext-closed-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
if (isRoot) chownSync(home, NOBODY.uid, NOBODY.gid);

/** A cache with one model, fetched and converted, that anybody may read. */
async function cacheOfAnother() {
  const { add, cacheDir, modelDir } = await addWorld();
  const folder = await folderWith([{ path: 'mine.gguf', body: tinyGguf() }]);
  await add(join(folder, 'mine.gguf'), { format: 'fp32' });
  for (const open of [cacheDir, dirname(modelDir)]) chmodSync(open, 0o755);
  const root = join(cacheDir, 'models');
  const converted = join(root, 'converted', 'mine');
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, HF_ENDPOINT: CLOSED, PIP_NO_INDEX: '1' },
    ...{ STEADYTEXT_CACHE_DIR: cacheDir, STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_TEXT_MODEL: 'mine' },
    STEADYTEXT_MODEL_FORMAT: 'fp32',
  };
  return {
    root,
    blob: join(root, 'blobs', readdirSync(join(root, 'blobs')).find((name) => !name.endsWith('.checked'))!),
    weights: join(converted, readdirSync(converted)[0]!, 'graph.data'),
    run: (...args: string[]) => run(['models', ...args], env),
  };
}

function run(args: readonly string[], env: NodeJS.ProcessEnv) {
  const options = { env, ...asOrdinaryUser };
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) =>
    execFile(process.execPath, [join(ROOT, 'bin', 'steadytext.mjs'), ...args], options, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

/** Not even its owner may, who is the one that asks when the tests are an ordinary user's. */
function close(path: string, reopened: number): void {
  chmodSync(path, 0);
  onTestFinished(() => chmodSync(path, reopened));
}

test('that may be read and not written serves this user too', async () => {
  const { run } = await cacheOfAnother();
  expect((await run('list')).stdout).toMatch(/ mine .* present .* fp32 /);
  expect((await run('verify')).stdout).toMatch(/^5 files read, all as they should be$/m);
  expect(await run('pull', 'mine')).toMatchObject({ status: 0, stdout: expect.stringContaining(', fp32 in ') });
});

test.for(['list', 'verify', 'pull', 'remove mine --force'])(
  'that may not be entered is told by models %s, with its folder, and not taken for empty',
  async (command) => {
    const { root, run } = await cacheOfAnother();
    close(root, 0o755);
    const { status, stdout, stderr } = await run(...command.split(' '));
    expect(stderr).toContain(
      `ST050 InvalidConfiguration: Expected a model cache that this user may read, but ${root} may not be entered: EACCES`,
    );
    expect(stderr).toMatch(/^hint: Let this user enter it, or set STEADYTEXT_CACHE_DIR to .*no right to write/m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  },
);

test('whose fetched file may not be read is told with that file', async () => {
  const { blob, run } = await cacheOfAnother();
  close(blob, 0o444);
  expect((await run('list')).stdout).toMatch(/ mine .* present /);
  for (const command of ['verify', 'pull']) {
    const { status, stderr } = await run(command);
    expect(stderr).toContain(`ST050 InvalidConfiguration: `);
    expect(stderr).toContain(`this user may read, but ${blob} cannot be read: EACCES`);
    expect(stderr).toMatch(/^hint: Let this user read it, or /m);
    expect(status).toBe(2);
  }
});

test('whose converted file or folder may not be read is told too, also where its last check is noted', async () => {
  const { root, weights, run } = await cacheOfAnother();
  close(weights, 0o644);
  for (const command of ['verify', 'pull'])
    expect(await run(command)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`this user may read, but ${weights} cannot be read: EACCES`),
    });
  const converted = join(root, 'converted', 'mine');
  close(converted, 0o755);
  for (const command of ['list', 'verify', 'pull'])
    expect(await run(command)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /this user may read, but .*converted\/mine (cannot be read|may not be entered): EACCES/,
      ),
    });
});
