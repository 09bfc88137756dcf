// From a store to a loadable model: converted once, opened from then on, converted again when it was damaged.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertedPath, ensureConverted } from '../../../workers/inference/convert/ensure-converted.ts';
import { openModelStore } from '../../../workers/inference/store/model-store.ts';
import type { Progress } from '../../../workers/inference/store/progress.ts';
import { createLogger } from '../../../workers/log.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyLlama } from './tiny-llama.ts';
import { embeddingSource, type TinySource, textSource } from './tiny-source.ts';

/** A store whose only way to the tiny model is a folder that somebody brought. */
function storeWithTinyModel(source: TinySource = embeddingSource(tinyBert(1))) {
  const { folder, manifestEntry, sourceFiles } = source;
  const modelDir = join(folder, 'brought');
  mkdirSync(modelDir);
  for (const { role, path } of manifestEntry.files) copyFileSync(sourceFiles[role]!, join(modelDir, path));
  writeFileSync(join(modelDir, 'manifest.json'), JSON.stringify({ models: [manifestEntry] }));
  const store = openModelStore({ cacheDir: join(folder, 'cache'), modelDir, hfEndpoint: 'http://127.0.0.1:9' });
  return { store, name: manifestEntry.name };
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
