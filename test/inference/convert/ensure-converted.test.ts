// From a store to a loadable model: converted once, opened from then on, converted again when it was damaged.

import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertedPath, ensureConverted } from '../../../workers/inference/convert/ensure-converted.ts';
import { openModelStore } from '../../../workers/inference/store/model-store.ts';
import type { Progress } from '../../../workers/inference/store/progress.ts';
import { createLogger } from '../../../workers/log.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyLlama } from './tiny-llama.ts';
import { broughtFolder, embeddingSource, type TinySource, textSource } from './tiny-source.ts';

/** A store whose only way to the tiny model is a folder that somebody brought. */
function storeWithTinyModel(
  source: TinySource = embeddingSource(tinyBert(1)),
  cacheDir = join(source.folder, 'cache'),
) {
  const store = openModelStore({ cacheDir, modelDir: broughtFolder(source), hfEndpoint: 'http://127.0.0.1:9' });
  return { store, name: source.manifestEntry.name, cacheDir };
}

function listening() {
  const events: string[] = [];
  const log = createLogger('info', { write: (line) => void events.push(JSON.parse(line).msg) });
  const progress: Progress = {
    start(label) {
      events.push(label);
      return { update: () => {}, end: () => void events.push('end') };
    },
  };
  return { events, options: { log, progress } };
}

test('the first call converts, the second opens', async () => {
  const { store, name } = storeWithTinyModel();
  const { events, options } = listening();
  const first = await ensureConverted(store, name, 'nb8', options);
  expect(first.path).toBe(convertedPath(store, name, 'nb8'));
  expect(events).toEqual([`converting ${name} to nb8`, 'model.converted', 'end']);
  events.length = 0;
  expect(await ensureConverted(store, name, 'nb8', options)).toEqual(first);
  expect(events).toEqual([]);
  expect((await store.list()).find((model) => model.name === name)).toMatchObject({ converted: ['nb8'] });
});

test('the same weights with another pooling are another model: converted to a folder and a digest of their own', async () => {
  const mean = storeWithTinyModel();
  const first = await ensureConverted(mean.store, mean.name, 'nb8');
  const cls = storeWithTinyModel(embeddingSource(tinyBert(1), 'cls'), mean.cacheDir);
  const second = await ensureConverted(cls.store, cls.name, 'nb8');
  expect(first.description.shape).toMatchObject({ pooling: 'mean' });
  expect(second.description.shape).toMatchObject({ pooling: 'cls' });
  expect(second.description.files).toEqual(first.description.files);
  expect(second.description.digest).not.toBe(first.description.digest);
  expect(await ensureConverted(mean.store, mean.name, 'nb8')).toEqual(first);
});

test('a folder that was named after the digest of the weights is listed as outdated, never opened, and goes with its model', async () => {
  const { store, name } = storeWithTinyModel();
  const weights = store.find(name).files.find(({ role }) => role === 'weights')!.sha256;
  const { path, description } = await ensureConverted(store, name, 'nb8');
  const old = join(store.convertedRoot(name), `nb8-${weights.slice(0, 16)}-v5`);
  renameSync(path, old);
  writeFileSync(join(old, 'model.json'), JSON.stringify({ ...description, digest: weights, converterVersion: 5 }));
  const converted = async () => (await store.list()).find((model) => model.name === name)?.converted;
  expect(await converted()).toEqual(['outdated']);
  expect(await ensureConverted(store, name, 'nb8')).toEqual({ path, description });
  expect(await converted()).toEqual(['nb8', 'outdated']);
  expect((await store.verify()).damaged).toEqual([]);
  expect(await store.remove(name)).toMatchObject({ convertedFolders: 2 });
});

test('a damaged conversion is told and made again from the source files', async () => {
  const { store, name } = storeWithTinyModel();
  const { events, options } = listening();
  const first = await ensureConverted(store, name, 'fp32');
  writeFileSync(join(first.path, 'graph.data'), 'no weights');
  expect(await ensureConverted(store, name, 'fp32', options)).toEqual(first);
  expect(events).toContain('model.converted_damaged');
  expect((await store.verify()).damaged).toEqual([]);
});

test('two calls at once have one result', async () => {
  const { store, name } = storeWithTinyModel();
  const [a, b] = await Promise.all([ensureConverted(store, name, 'nb8'), ensureConverted(store, name, 'nb8')]);
  expect(a).toEqual(b);
});

test('a file that is pinned cut short is told with its model, and nobody is sent to fetch the same bytes again', async () => {
  const { store, name } = storeWithTinyModel(textSource(tinyLlama(1).bytes.subarray(0, 5000)));
  await expect(ensureConverted(store, name, 'nb8')).rejects.toMatchObject({
    name: 'ModelCorrupt',
    message: expect.stringMatching(/^Model tiny-text: \/.*: expected .+, got /),
    hint: expect.stringMatching(/^The manifest pins this file as it is\. Give it sha256 and bytes of a whole one/),
  });
});

test('a conversion that is told to stop in the middle leaves nothing behind', async () => {
  // Large enough that it is stopped while weights are being written.
  const large = tinyLlama(1, { hidden: 512, feedForward: 1024, heads: 8, kvHeads: 4, headSize: 64 });
  const { store, name } = storeWithTinyModel(textSource(large.bytes));
  const stop = new AbortController();
  let begun: string[] = [];
  const start = () => {
    begun = readdirSync(join(store.root, 'tmp'));
    stop.abort();
    return { update: () => {}, end: () => {} };
  };
  const stopped = ensureConverted(store, name, 'nb8', { progress: { start }, signal: stop.signal });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  expect(begun).toHaveLength(1);
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
});
