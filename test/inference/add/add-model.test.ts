// Adding a model from each kind of place, to the end: fetched, converted, tried, and written into the user's manifest.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AddOptions } from '../../../workers/inference/add/add-model.ts';
import { tryOut } from '../../../workers/inference/add/try-out.ts';
import { readUserManifest } from '../../../workers/inference/store/manifest.ts';
import { type TinyOnnxOptions, tinyOnnxBert } from '../convert/tiny-onnx-bert.ts';
import { tinyCrossEncoder, tinyEncoder } from '../engine/tiny-encoders.ts';
import {
  filesBelow,
  offlinePip,
  openOffline,
  send,
  startHub,
  wheelFolderFor,
  withOtherFirstByte,
} from '../store/support.ts';
import { addWorld, COMMIT, changed, filesOf, folderWith, hubOf, REPO, tinyGguf } from './support.ts';

const encoder = filesOf(tinyEncoder(3).sources);
const weights = encoder.find(({ path }) => path === 'model.safetensors')!;

/** Leftovers would be in the store's temporary folders. */
const unfinished = async (cacheDir: string) =>
  (await filesBelow(cacheDir)).filter((path) => !/^models\/(blobs|converted)\//.test(path));

describe('a model is added from', () => {
  test('a GGUF file', async () => {
    const { add, modelDir, cacheDir, plans } = await addWorld();
    const folder = await folderWith([{ path: 'Tiny_Llama.Q8_0.gguf', body: tinyGguf() }]);
    const added = await add(join(folder, 'Tiny_Llama.Q8_0.gguf'));
    expect(added?.tried).toMatch(/^an answer of \d+ tokens to a prompt of \d+, ended by (end|length)$/);
    const [entry] = readUserManifest(modelDir);
    expect(entry).toMatchObject({ name: 'tiny_llama.q8_0', kind: 'text', sources: {} });
    expect(plans[0]).toMatchObject({ format: 'nb8', shape: { architecture: 'llama' } });
    expect(await unfinished(cacheDir)).toEqual([]);
  });

  test('a folder, with its licence, and a store that reads the manifest has it', async () => {
    const card = Buffer.from('---\nlicense: mit\ntags: [x]\n---\n# Tiny\n');
    const folder = await folderWith(changed(encoder, { 'README.md': card }));
    const { add, modelDir, cacheDir } = await addWorld();
    const added = await add(folder, { name: 'mine' });
    expect(added?.tried).toMatch(/^an embedding of 64 numbers, of length 1.000, from \d+ tokens$/);
    const store = openOffline({ cacheDir, modelDir });
    expect((await store.list()).find(({ name }) => name === 'mine')).toMatchObject({
      kind: 'embedding',
      licence: 'mit',
      files: 'present',
      converted: ['nb8'],
    });
    expect((await store.verify()).damaged).toEqual([]);
  });

  test('a hub, at the commit behind the branch, and a later change there is refused', async () => {
    const hub = await startHub(hubOf(encoder));
    const { add, modelDir } = await addWorld();
    await add(`hf:${REPO}`, { hfEndpoint: hub.url });
    const [entry] = readUserManifest(modelDir);
    expect(entry).toMatchObject({
      name: 'tiny_model',
      licence: 'apache-2.0',
      origin: `https://huggingface.co/${REPO}`,
      sources: { huggingface: { repo: REPO, revision: COMMIT } },
    });
    const other = changed(encoder, { 'model.safetensors': withOtherFirstByte(weights.body) });
    const later = await startHub(hubOf(other));
    const elsewhere = await addWorld();
    const store = openOffline({ cacheDir: elsewhere.cacheDir, modelDir, hfEndpoint: later.url });
    await expect(store.pull('tiny_model')).rejects.toThrow(/model.safetensors: expected sha256 \w+, got/);
  });

  test('a folder of a repository', async () => {
    const inFolder = encoder.map(({ path, body }) => ({ path: `sub/${path}`, body }));
    const hub = await startHub(hubOf(inFolder));
    const { add, modelDir } = await addWorld();
    await add(`hf:${REPO}@main#sub`, { hfEndpoint: hub.url });
    expect(readUserManifest(modelDir)[0]).toMatchObject({ sources: { huggingface: { folder: 'sub' } } });
  });

  test('a wheel', async () => {
    const model = { name: 'tiny', files: encoder };
    const { add, modelDir } = await addWorld();
    const pip = offlinePip(await wheelFolderFor(model));
    await add('pypi:steadytext-test-tiny==1.0#inner/model', { pip });
    const [entry] = readUserManifest(modelDir);
    expect(entry).toMatchObject({
      name: 'steadytext-test-tiny',
      sources: { pypi: { package: 'steadytext-test-tiny', version: '1.0', folder: 'inner/model' } },
    });
    const elsewhere = await addWorld();
    const store = openOffline({ cacheDir: elsewhere.cacheDir, modelDir, pip });
    expect(Object.keys(await store.pull('steadytext-test-tiny'))).toContain('weights');
  });

  test('a folder that holds a cross-encoder, which its settings tell', async () => {
    const { sources } = tinyCrossEncoder(5);
    const config = { ...JSON.parse(String(sources.config)), architectures: ['BertForSequenceClassification'] };
    const folder = await folderWith(changed(filesOf(sources), { 'config.json': Buffer.from(JSON.stringify(config)) }));
    const { add, modelDir } = await addWorld();
    expect((await add(folder))?.tried).toMatch(/^a score of 0\.\d{4} in 0..1$/);
    expect(readUserManifest(modelDir)[0]?.kind).toBe('reranking');
  });
});

describe('a ready-made graph is added from', () => {
  const { sources, model } = tinyEncoder(3);
  const readyMade = (options: TinyOnnxOptions, path = 'onnx/model.onnx', beside = `${path}_data`) => {
    const { graph, data } = tinyOnnxBert(model, options);
    const files = filesOf({ ...sources, weights: graph }, path);
    return data.length > 0 ? [...files, { path: beside, body: data }] : files;
  };

  test('a folder, as it is', async () => {
    const { add, modelDir, plans } = await addWorld();
    const added = await add(await folderWith(readyMade({})), { name: 'ready' });
    expect(added?.folder.description).toMatchObject({ format: 'own', shape: { architecture: 'onnx-encoder' } });
    expect(plans[0]).toMatchObject({ format: 'own', shape: { graph: { mask: true, types: true } } });
    expect(readUserManifest(modelDir)[0]?.files.map(({ path }) => path)).toContain('onnx/model.onnx');
  });

  test('the file of one of several', async () => {
    const { add, plans } = await addWorld();
    const dynamic = { path: 'onnx/model_quantized.onnx', body: tinyOnnxBert(model, { dynamic: true }).graph };
    const folder = await folderWith([...readyMade({}), dynamic]);
    await add(join(folder, 'onnx', 'model_quantized.onnx'));
    expect(plans[0]?.entry.name).toBe('my-model');
    expect(plans[0]?.shape).toMatchObject({ graph: { alone: expect.stringContaining('DynamicQuantizeLinear') } });
  });

  test('a hub, with its data beside it', async () => {
    const hub = await startHub(hubOf(readyMade({ location: 'model.onnx_data' })));
    const { add, modelDir, cacheDir, plans } = await addWorld();
    // Without its bytes nobody knows what a graph takes and gives.
    await add(`hf:${REPO}`, { hfEndpoint: hub.url, dryRun: true });
    expect(plans[0]).toMatchObject({ shape: undefined, format: 'own' });
    expect(hub.asked.some((url) => url.includes('model.onnx'))).toBe(false);
    await add(`hf:${REPO}`, { hfEndpoint: hub.url });
    const store = openOffline({ cacheDir, modelDir });
    expect((await store.list()).find(({ name }) => name === 'tiny_model')).toMatchObject({ converted: ['own'] });
  });

  test('a folder or a hub, with its data beside it under the name that the graph gives', async () => {
    const files = readyMade({ location: 'graph.data' }, undefined, 'onnx/graph.data');
    const { add, plans } = await addWorld();
    await add(await folderWith(files));
    await add(`hf:${REPO}`, { hfEndpoint: (await startHub(hubOf(files))).url });
    expect(plans).toHaveLength(2);
    for (const { entry } of plans)
      expect(entry.files.find(({ role }) => role === 'weights_data')?.path).toBe('onnx/graph.data');
  });

  test.for(['../graph.data', 'graph.data'])('nowhere when it keeps its data in %s, not beside it', async (location) => {
    const { add } = await addWorld();
    const message = expect.stringContaining(location);
    const folder = await folderWith(readyMade({ location }, undefined, 'graph.data'));
    await expect(add(folder)).rejects.toMatchObject({ name: 'ModelUnsupported', message });
  });

  test('a wheel', async () => {
    const files = readyMade({ location: 'model.onnx_data' }, 'model.onnx');
    const { add, plans } = await addWorld();
    const pip = offlinePip(await wheelFolderFor({ name: 'tiny', files }));
    expect((await add('pypi:steadytext-test-tiny==1.0#inner/model/model.onnx', { pip }))?.tried).toContain(
      '64 numbers',
    );
    expect(plans[0]?.shape).toMatchObject({ architecture: 'onnx-encoder' });
  });

  test.for([
    [
      'whose operators are not known',
      { change: (w) => w.node('Secret', ['input_ids'], { domain: 'x' }), libraries: ['x'] },
      'operator x.Secret',
    ],
    [
      'that onnxruntime does not take',
      { change: (w) => w.node('NoSuchOperator', ['input_ids']) },
      'expected a graph that onnxruntime can load',
    ],
  ] as [string, TinyOnnxOptions, string][])(
    'a hub, but one %s is found out once it is there, and nothing of it is kept',
    async ([, options, message]) => {
      const hub = await startHub(hubOf(readyMade(options)));
      const { add, modelDir, cacheDir } = await addWorld();
      await expect(add(`hf:${REPO}`, { hfEndpoint: hub.url })).rejects.toThrow(message);
      expect([await filesBelow(cacheDir), await filesBelow(modelDir)]).toEqual([[], []]);
      expect(await readdir(join(cacheDir, 'models', 'converted')).catch(() => [])).toEqual([]);
    },
  );
});

test('a dry run says what it is and what it takes, and leaves nothing', async () => {
  const { add, modelDir, cacheDir, plans } = await addWorld();
  expect(await add(await folderWith(encoder), { dryRun: true, modelDir: undefined })).toBeUndefined();
  expect(plans[0]?.entry.files).toHaveLength(encoder.length);
  expect(plans[0]?.shape).toMatchObject({ architecture: 'bert', dimension: 64, maxTokens: 24 });
  expect(plans[0]?.convertedBytes).toBeGreaterThan(50_000);
  expect([await filesBelow(cacheDir), await filesBelow(modelDir)]).toEqual([[], []]);
});

describe('a name that another model has', () => {
  test('is refused before anything is fetched, unless it is to be replaced', async () => {
    const { add, modelDir, cacheDir } = await addWorld();
    await add(await folderWith(encoder), { name: 'mine' });
    const others = filesOf(tinyEncoder(4).sources);
    const before = await filesBelow(cacheDir);
    const other = await folderWith(others);
    await expect(add(other, { name: 'mine' })).rejects.toMatchObject({
      name: 'InvalidOption',
      message: expect.stringMatching(
        /^expected a new name, but mine is a model of digest \w{12}…, and this one has \w{12}…$/,
      ),
      hint: expect.stringContaining('--replace'),
    });
    expect(await filesBelow(cacheDir)).toEqual(before);
    await add(other, { name: 'mine', replace: true });
    expect(readUserManifest(modelDir)).toHaveLength(1);
    // What only the replaced one had is gone.
    const listed = await openOffline({ cacheDir, modelDir }).list();
    expect(listed.find(({ name }) => name === 'mine')).toMatchObject({
      files: 'present',
      converted: ['nb8', 'outdated'],
    });
    const blobs = (await filesBelow(join(cacheDir, 'models', 'blobs'))).filter((path) => !path.endsWith('.checked'));
    expect(blobs).toHaveLength(others.length);
  });

  test("is no other's when the files are the same: nothing is fetched twice", async () => {
    const { add, modelDir } = await addWorld();
    const folder = await folderWith(encoder);
    await add(folder);
    const manifest = await readFile(join(modelDir, 'manifest.json'), 'utf8');
    await add(folder);
    expect(await readFile(join(modelDir, 'manifest.json'), 'utf8')).toBe(manifest);
  });

  test('is refused when it is one of the product', async () => {
    const { add } = await addWorld();
    await expect(add(await folderWith(encoder), { name: 'all-minilm-l6-v2' })).rejects.toThrow('expected a new name');
  });
});

test('a model that gives no answer in time is refused, and its engine ended', async () => {
  const { add, cacheDir } = await addWorld();
  const hasty: AddOptions['tryOut'] = (folder, signal) => tryOut(folder, signal, 1);
  await expect(add(await folderWith(encoder), { tryOut: hasty })).rejects.toMatchObject({
    name: 'ModelUnsupported',
    message: 'expected an answer of my-model within 0.001 s, got none',
  });
  expect(await filesBelow(cacheDir)).toEqual([]);
});

test('other entries of the manifest stay, and two that are added at once are both there', async () => {
  const { add, modelDir } = await addWorld();
  const folders = await Promise.all([encoder, filesOf(tinyEncoder(4).sources)].map((files) => folderWith(files)));
  await add(folders[0]!, { name: 'first' });
  await Promise.all(['second', 'third'].map((name) => add(folders[1]!, { name })));
  expect(
    readUserManifest(modelDir)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['first', 'second', 'third']);
  expect(await filesBelow(modelDir)).toEqual(['manifest.json']);
});

test('a manifest that cannot be read is told before anything is fetched, and stays as it is', async () => {
  const { add, modelDir, cacheDir } = await addWorld();
  await add(await folderWith(encoder), { name: 'first' });
  await writeFile(join(modelDir, 'manifest.json'), '{"models": [');
  const before = await filesBelow(cacheDir);
  await expect(add(await folderWith(filesOf(tinyEncoder(4).sources)))).rejects.toMatchObject({
    name: 'InvalidConfiguration',
    message: expect.stringContaining('manifest.json: expected JSON'),
  });
  expect(await filesBelow(cacheDir)).toEqual(before);
  expect(await readFile(join(modelDir, 'manifest.json'), 'utf8')).toBe('{"models": [');
});

test('a hub whose file is another than its list says is refused, and nothing of it is registered', async () => {
  const answers = hubOf(encoder);
  const path = `/${REPO}/resolve/${COMMIT}/model.safetensors`;
  // The beginning, which is looked at beforehand, is the right one.
  const body = Buffer.from(weights.body);
  body[body.length - 1] = body.at(-1)! ^ 1;
  const hub = await startHub({ ...answers, [path]: send(body) });
  const { add, modelDir } = await addWorld();
  await expect(add(`hf:${REPO}`, { hfEndpoint: hub.url })).rejects.toMatchObject({
    name: 'ModelUnavailable',
    message: expect.stringContaining('model.safetensors: expected sha256'),
  });
  expect(await filesBelow(modelDir)).toEqual([]);
});
