// The promise of equal bytes, with tiny models: an engine of one slot in this process, which guesses nothing and keeps nothing,
// against a busy engine process.

import { afterAll, beforeAll, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { describeFormats } from '../formats.ts';
import { checkEmbeddings, checkGenerations } from './determinism.ts';
import { makeTinyModels } from './tiny-models.ts';

const tiny = await makeTinyModels();
const words = ['the', 'ring', 'and', 'inn', 'on', 'x', 'their', '7', 'a', 'bread,', 'q?'];

describeFormats((format) => {
  const quiet = createLocalEngine({ slots: 1, guesses: 0, groupTokens: 1, prefixBytes: 0 });
  const busy = startEngineProcess({ slots: 5, groupTokens: 200 });

  beforeAll(async () => {
    const [text, embedding] = [await tiny.text(format), await tiny.embedding(format)];
    for (const engine of [quiet, busy]) {
      await engine.load(text);
      await engine.load(embedding);
    }
  });
  afterAll(() => Promise.all([quiet.close(), busy.close()]));

  test('generations: any prompts, mates, order, times of arrival', { timeout: 120_000 }, () =>
    checkGenerations(quiet, busy, 'tiny-text', { runs: 25, mostTokens: 90, words, longest: 60 }),
  );

  test('embeddings: any batches', { timeout: 120_000 }, () =>
    checkEmbeddings(quiet, busy, 'tiny-embedding', { runs: 60, mostTokens: 1, words, longest: 25 }),
  );
});

afterAll(() => tiny.remove());
