// `steadytext models` as its user meets it: what is printed where, and the exit status.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { CommandContext, StopSignal } from '../../../workers/commands/context.ts';
import { type Convert, registerModels } from '../../../workers/commands/models.ts';
import { chooseFormat } from '../../../workers/inference/choose-format.ts';
import {
  hubPath,
  modelDigestOf,
  modelDirFor,
  putByHand,
  sha256,
  startHub,
  tempFolder,
  tinyModel,
  until,
  weightsOf,
} from './support.ts';

class Screen extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk;
    done();
  }
}

/** Runs one command line; `stop` gives a signal to whoever listens. */
function world(env: Record<string, string | undefined>) {
  const converted: string[] = [];
  const stdout = new Screen();
  const stderr = new Screen();
  const listeners = new Set<(signal: StopSignal) => void>();
  let status = 0;
  const context: CommandContext = {
    env: {
      PATH: process.env.PATH,
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: '/nonexistent',
      HF_ENDPOINT: 'http://127.0.0.1:9',
      ...env,
    },
    version: '0',
    stdin: process.stdin,
    stdout,
    stderr,
    onStop(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setExitStatus: (value) => {
      status = value;
    },
    goOnUnread: () => {},
  };
  // Conversion is another part's business: here it only has to be asked for, after the files are there.
  const convert: Convert = async (store, name, format) => {
    converted.push(`${name} ${format} ${(await store.list()).find((model) => model.name === name)?.files}`);
    return { path: join(store.convertedRoot(name), format) } as Awaited<ReturnType<Convert>>;
  };
  const program = new Command('steadytext')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) });
  registerModels(program, context, convert);
  for (const command of program.commands)
    for (const child of [command, ...command.commands]) child.copyInheritedSettings(program);
  return {
    run: (...args: string[]) => program.parseAsync(['models', ...args], { from: 'user' }),
    stop: (signal: StopSignal) => {
      for (const listener of listeners) listener(signal);
    },
    stdout,
    stderr,
    converted,
    status: () => status,
  };
}

async function tinyWorld(env: Record<string, string> = {}) {
  const model = tinyModel();
  const modelDir = await modelDirFor(model);
  await putByHand(modelDir, model);
  const cacheDir = await tempFolder();
  const variables = { STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_CACHE_DIR: cacheDir, ...env };
  return { model, modelDir, cacheDir, open: () => world(variables) };
}

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
    const { open } = await tinyWorld({ STEADYTEXT_TEXT_MODEL: 'tiny', STEADYTEXT_EMBEDDING_MODEL: 'tiny' });
    const { run, converted } = open();
    await run('pull');
    expect(converted).toEqual([`tiny ${chooseFormat('auto')} present`]);
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
      'expected one of auto, row8, nb8, fp32, got "q4"',
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
    expect(rows).toContainEqual(['model', 'kind', 'licence', 'size', 'files', 'converted', 'used', 'digest']);
    expect(rows).toContainEqual([
      'all-minilm-l6-v2',
      'embedding',
      'Apache-2.0',
      '91',
      'MB',
      'absent',
      'no',
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
      used: false,
    });
  });
});

describe('models verify', () => {
  test('where nothing was fetched says so, and not that all is well', async () => {
    const { open } = await tinyWorld();
    const { run, stdout, stderr, status } = open();
    await run('verify');
    expect(stderr.text).toBe('');
    expect(stdout.text).toBe('no files of models are there; `steadytext models pull` fetches them\n');
    expect(status()).toBe(0);
  });

  test('ends well when every file is as it should be', async () => {
    const { open } = await tinyWorld();
    await open().run('pull', 'tiny');
    const { run, stdout, status } = open();
    await run('verify');
    expect(stdout.text).toBe('2 files read, all as they should be\n');
    expect(status()).toBe(0);
  });

  test('names a damaged file, says what to do, and ends with status 1', async () => {
    const { open, cacheDir, model } = await tinyWorld();
    await open().run('pull', 'tiny');
    const blob = join(cacheDir, 'models', 'blobs', `sha256-${sha256(weightsOf(model).body)}`);
    chmodSync(blob, 0o644);
    writeFileSync(blob, 'something else');
    const text = open();
    await text.run('verify');
    expect(text.status()).toBe(1);
    expect(text.stdout.text).toContain(`tiny: ${blob}\n  model.safetensors: expected sha256 `);
    expect(text.stdout.text).toContain('put it right with: steadytext models pull tiny\n');
    const json = open();
    await json.run('verify', '--json');
    expect(json.status()).toBe(1);
    expect(JSON.parse(json.stdout.text)).toMatchObject({ checkedFiles: 2, damaged: [{ model: 'tiny', path: blob }] });
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
  expect(verify.stdout.text).toBe('2 files read, all as they should be\n');
  await expect(open().run('remove')).rejects.toMatchObject({ name: 'InvalidOption' });
});

test.each([[], ['pull'], ['list'], ['verify'], ['remove']])('models %s --help shows examples', async (...args) => {
  const { run, stdout } = world({});
  await expect(run(...args, '--help')).rejects.toMatchObject({ code: 'commander.helpDisplayed' });
  expect(stdout.text).toMatch(/Examples:\n {2}steadytext models /);
});
