// Adding a decoder that ranks, which the file does not say of itself.

import { expect, test } from 'vitest';
import { readUserManifest } from '../../../workers/inference/store/manifest.ts';
import { TINY_RANKING_TOKENS, tinyRanking } from '../engine/tiny-models.ts';
import { filesBelow } from '../store/support.ts';
import { addWorld, folderWith } from './support.ts';

const LONG = { 'llama.context_length': TINY_RANKING_TOKENS };

test('the same GGUF file as a text model, and in its place as one that ranks', async () => {
  const { add, modelDir, cacheDir, plans } = await addWorld();
  const folder = await folderWith([{ path: 'ranker.gguf', body: tinyRanking({ metadata: LONG }).bytes }]);
  expect(await add(folder, { kind: 'reranking', format: 'auto', dryRun: true })).toBeUndefined();
  expect(await filesBelow(cacheDir)).toEqual([]);
  // Its digest and its converted folder are others than those of the text model of the same name.
  await add(folder);
  const added = await add(folder, { kind: 'reranking', format: 'auto', replace: true });
  expect(added?.tried).toMatch(/^a score of 0\.\d{4} in 0\.\.1$/);
  expect(readUserManifest(modelDir)).toMatchObject([{ name: 'my-model', kind: 'reranking' }]);
  const shape = { architecture: 'llama', reranks: { yes: expect.any(Number), no: expect.any(Number) } };
  for (const plan of [plans[0], plans[2]]) expect(plan).toMatchObject({ format: 'nb8', shape });
  expect(plans[1]?.digest).not.toBe(plans[2]?.digest);
});
