// The sweep over the default models, small: all kinds of requests together, in the format that this machine takes.

import { expect, test } from 'vitest';
import { DEFAULT_CACHE_BYTES, DEFAULT_DRAWS } from '../../scripts/stress/default-draws.ts';
import { sweep } from '../../scripts/stress/sweep.ts';
import { chooseFormat } from '../../workers/inference/choose-format.ts';
import { ensureConverted } from '../../workers/inference/convert/ensure-converted.ts';
import { openModelStore } from '../../workers/inference/store/model-store.ts';
import { testCacheDir } from '../inference/store/test-cache.ts';

const store = openModelStore({ cacheDir: testCacheDir(), hfEndpoint: 'https://huggingface.co' });

test('nothing differs in a round of the default models', { timeout: 600_000 }, async () => {
  const format = chooseFormat('auto');
  const models = [
    await ensureConverted(store, 'smollm2-135m-instruct', format),
    await ensureConverted(store, 'all-minilm-l6-v2', format),
  ];
  const counts = { embeddings: 40, pairs: 12, generations: 7 };
  const more = { models, draws: DEFAULT_DRAWS, engines: 2, alone: 1, cacheBytes: DEFAULT_CACHE_BYTES };
  for await (const { found, tally } of sweep({ seed: 3, counts, roundOf: counts, ...more })) {
    expect(found).toBeUndefined();
    expect(tally).toMatchObject({
      embeddings: { count: 40, differ: 0, numbers: 40 * 384 },
      pairs: { count: 12, differ: 0 },
      generations: { count: 7, differ: 0 },
    });
  }
});
