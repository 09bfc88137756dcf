// By what a model is judged follows from its kind, not from its architecture: a decoder that ranks is judged by its scores.

import { afterAll, expect, test } from 'vitest';
import { benchModel } from '../../../workers/inference/measure/bench-model.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

test('a decoder that ranks', async () => {
  const folders = [await tiny.ranking('nb8'), await tiny.ranking('fp32')];
  const { figures } = await benchModel({ folders, rounds: 1, tokens: 300, newTokens: 2 });
  expect(figures.map(({ quality }) => quality.kind)).toEqual(['reranking', 'reranking']);
  expect(figures.map(({ speeds }) => Object.keys(speeds))).toEqual([['pairs'], ['pairs']]);
});
