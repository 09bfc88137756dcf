// What a user of transformers.js would write: a pipeline, and a loop that embeds one text after the other.

import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { answerWith } from './answer.mjs';

env.allowRemoteModels = false;
let extractor;

answerWith(async ({ load, texts }) => {
  if (load) {
    env.localModelPath = dirname(load);
    extractor = await pipeline('feature-extraction', basename(load), { dtype: 'fp32' });
    return { version: env.version };
  }
  const begun = performance.now();
  const vectors = [];
  for (const text of texts) {
    const output = await extractor(text, { pooling: 'mean', normalize: true });
    vectors.push(output.data);
  }
  return { ms: performance.now() - begun, vectors };
});
