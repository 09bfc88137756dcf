// `steadytext models bench` over tiny models, in real engines: what it prints, what it records, and what a record changes.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configuredModels } from '../../../workers/commands/configured-models.ts';
import { loadConfig } from '../../../workers/config.ts';
import { chooseFormat } from '../../../workers/inference/choose-format.ts';
import { ensureConverted } from '../../../workers/inference/convert/ensure-converted.ts';
import { cpuClass } from '../../../workers/inference/cpu-class.ts';
import { choiceOf, choicePath, readChoice, writeChoice } from '../../../workers/inference/store/choices.ts';
import { modelDigest } from '../../../workers/inference/store/manifest.ts';
import { openModelStore } from '../../../workers/inference/store/model-store.ts';
import { bringTinyModels } from '../engine/tiny-models.ts';
import { world } from '../store/models-world.ts';
import { filesBelow, tempFolder } from '../store/support.ts';

async function tinyStore() {
  const [modelDir, cacheDir] = [await tempFolder(), await tempFolder()];
  bringTinyModels(modelDir, { text: { everyByte: true, metadata: { 'llama.context_length': 1024 } } });
  const store = openModelStore({ modelDir, cacheDir, hfEndpoint: 'http://127.0.0.1:9' });
  const env = { STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_CACHE_DIR: cacheDir };
  return { store, open: () => world(env, ensureConverted), digest: (name: string) => modelDigest(store.find(name)) };
}

const QUICK = ['--rounds', '1', '--tokens', '600'];

describe('models bench', () => {
  test.for([
    ['tiny-text', ['perplexity', 'prompt tokens/s', 'tokens/s, 1 stream', 'tokens/s, 8 streams']],
    ['tiny-embedding', ['median cosine', 'texts/s']],
    ['tiny-reranking', ['same order', 'pairs/s']],
  ] as const)(
    'of %s prints a table with fp32, the conditions and a recommendation, and records it',
    async ([name, heads]) => {
      const { store, open, digest } = await tinyStore();
      const { run, stdout } = open();
      await run('bench', name, '--formats', 'nb4', ...QUICK);
      for (const head of [...heads, 'memory', 'file', 'load']) expect(stdout.text).toContain(head);
      expect(stdout.text.split('\n').flatMap((line) => /^│ (\w+)/.exec(line)?.[1] ?? [])).toEqual([
        'format',
        'nb4',
        'fp32',
      ]);
      expect(stdout.text).toMatch(new RegExp(`\\(${cpuClass()}\\), \\d+ cores, load `));
      const recommended = /^recommended: (\w+), \w/m.exec(stdout.text)?.[1];
      const path = choicePath(store.root, digest(name));
      expect(stdout.text).toContain(`recorded in ${path}: `);
      const record = JSON.parse(readFileSync(path, 'utf8'));
      expect(record).toMatchObject({ model: name, digest: digest(name), format: recommended, cpuClass: cpuClass() });
      expect(record.figures.map(({ format }: { format: string }) => format)).toEqual(['nb4', 'fp32']);
      for (const { speeds, residentBytes, fileBytes } of record.figures) {
        for (const speed of Object.values(speeds)) expect(speed).toBeGreaterThan(0);
        expect(residentBytes).toBeGreaterThan(fileBytes);
      }
      expect((await store.list()).find((model) => model.name === name)?.choice).toBe(recommended);
      // Of the folders that it made the one that is taken stays.
      expect(readdirSync(store.convertedRoot(name))).toEqual([expect.stringMatching(`^${recommended}-`)]);
      expect(await filesBelow(`${store.root}/tmp`).catch(() => [])).toEqual([]);
    },
  );

  test('with --no-record and --json only tells', async () => {
    const { store, open } = await tinyStore();
    const { run, stdout } = open();
    await run('bench', 'tiny-embedding', '--formats', 'fp32', '--no-record', '--json', ...QUICK);
    const told = JSON.parse(stdout.text);
    expect(told.figures).toHaveLength(1);
    expect(told.recordedIn).toBeNull();
    expect(existsSync(`${store.root}/choices`)).toBe(false);
    expect(existsSync(store.convertedRoot('tiny-embedding'))).toBe(false);
    expect(await filesBelow(`${store.root}/tmp`)).toEqual([]);
  });

  test('stopped, it leaves no record', async () => {
    const { store, open } = await tinyStore();
    const { run, stop, stderr, status } = open();
    const ended = run('bench', 'tiny-embedding', '--formats', 'nb8', ...QUICK);
    await expect.poll(() => stderr.text, { timeout: 20_000 }).toContain('measuring tiny-embedding: step 1 of 2');
    stop('SIGINT');
    await ended;
    expect(status()).toBe(130);
    expect(existsSync(`${store.root}/choices`)).toBe(false);
  });

  test('refuses what it cannot measure', async () => {
    const { open } = await tinyStore();
    await expect(open().run('bench', 'tiny')).rejects.toThrow('got "tiny"');
    await expect(open().run('bench', 'tiny-text', '--formats', 'q4')).rejects.toThrow(
      'Expected some of row8, row8u, nb8, nb4, fp32',
    );
    await expect(open().run('bench', 'tiny-text', '--tokens', 'many')).rejects.toThrow(
      'Expected a whole number from 300 on',
    );
  });
});

describe('a record', () => {
  test('is what "auto" means, until it is removed with its model', async () => {
    const { store, open, digest } = await tinyStore();
    const usual = chooseFormat('auto');
    const other = usual === 'nb8' ? 'nb4' : 'nb8';
    const pulled = async (...flags: string[]) => {
      const { run, stdout } = open();
      await run('pull', 'tiny-text', ...flags);
      return /, (\w+) in /.exec(stdout.text)?.[1];
    };
    const configured = (format = 'auto') => {
      const models = { STEADYTEXT_TEXT_MODEL: 'tiny-text', STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding' };
      return configuredModels(loadConfig({ ...models, STEADYTEXT_MODEL_FORMAT: format }), store)[0];
    };
    expect(configured()).toMatchObject({ name: 'tiny-text', format: usual, why: 'cpu' });
    await writeChoice(store.root, choiceOf(digest('tiny-text'), other, {}));
    // A worker, and what starts one, has its models from the configuration.
    expect(configured()).toMatchObject({ format: other, why: 'measured' });
    expect(configured('fp32')).toMatchObject({ format: 'fp32', why: 'set' });
    expect(await pulled()).toBe(other);
    expect(await pulled('--format', 'fp32')).toBe('fp32');
    await open().run('remove', 'tiny-text');
    expect(existsSync(choicePath(store.root, digest('tiny-text')))).toBe(false);
    expect(await pulled()).toBe(usual);
  });

  test.for([
    ['of another converter', { converterVersion: 1 }],
    ['of another engine', { engineVersion: '1' }],
    ['of another onnxruntime', { onnxruntimeVersion: '1.0.0' }],
    ['of another CPU', { cpuClass: 'x64-other' }],
    ['of another model of the same beginning', { digest: 'f'.repeat(64) }],
  ] as const)('%s counts for nothing', async ([, other]) => {
    const { store, digest } = await tinyStore();
    const own = choiceOf(digest('tiny-text'), 'nb4', {});
    const path = await writeChoice(store.root, own);
    expect(readChoice(store.root, own.digest)).toBe('nb4');
    writeFileSync(path, JSON.stringify({ ...own, ...other }));
    expect(readChoice(store.root, own.digest)).toBeUndefined();
  });

  test('that is damaged is ignored, with a remark', async () => {
    const { store, open, digest } = await tinyStore();
    const path = choicePath(store.root, digest('tiny-text'));
    mkdirSync(dirname(path), { recursive: true });
    for (const text of ['', '{"version": 1}', '{"version": 2}', 'null', '{']) {
      writeFileSync(path, text);
      expect(readChoice(store.root, digest('tiny-text'))).toBeUndefined();
    }
    const { run, stdout, stderr } = open();
    await run('pull', 'tiny-text', '--format', 'auto');
    expect(stderr.text).toContain(`${path} is damaged and ignored: `);
    expect(stdout.text).toContain(`${chooseFormat('auto')} in `);
  });
});
