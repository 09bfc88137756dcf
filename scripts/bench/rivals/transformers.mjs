// What a user of transformers.js would write: a pipeline that embeds texts one after the other or in batches, as they come or
// sorted by length; and one that ranks documents by it.

import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { answerWith } from './answer.mjs';

env.allowRemoteModels = false;
let extractor;

answerWith(async ({ load, texts, queries, batch = 1, sorted = false }) => {
  if (load) {
    env.localModelPath = dirname(load);
    extractor = await pipeline('feature-extraction', basename(load), { dtype: 'fp32' });
    return { version: env.version };
  }
  const begun = performance.now();
  if (texts) {
    const vectors = await embed(texts, batch, sorted);
    return { ms: performance.now() - begun, vectors };
  }
  const scores = [];
  for (const { query, documents } of queries) {
    const [asked, ...vectors] = await embed([query, ...documents], batch, sorted);
    scores.push(vectors.map((vector) => dot(asked, vector)));
  }
  return { ms: performance.now() - begun, scores };
});

async function embed(texts, batch, sorted) {
  const order = texts.map((_, i) => i);
  if (sorted) order.sort((a, b) => texts[a].length - texts[b].length);
  const vectors = [];
  for (let from = 0; from < order.length; from += batch) {
    const places = order.slice(from, from + batch);
    // One text is given as such, as a loop would give it.
    const input = batch === 1 ? texts[places[0]] : places.map((place) => texts[place]);
    const { data, dims } = await extractor(input, { pooling: 'mean', normalize: true });
    const width = dims.at(-1);
    for (const [row, place] of places.entries()) vectors[place] = data.slice(row * width, (row + 1) * width);
  }
  return vectors;
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
