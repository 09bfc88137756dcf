// The promise of equal bytes, with tiny models: an engine of one slot in this process, which guesses nothing and keeps nothing,
// against a busy engine process.

import { afterAll, beforeAll, test } from 'vitest';
import type { ConstraintSpec } from '../../../workers/inference/constrained/compile-constraint.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { describeFormats, ROWS } from '../formats.ts';
import { checkEmbeddings, checkGenerations, checkRerankings } from './determinism.ts';
import { makeTinyModels } from './tiny-models.ts';

const tiny = await makeTinyModels();
/** Of keys and values in the tiny model. */
const TOKEN_BYTES = 512;
const words = ['the', 'ring', 'and', 'inn', 'on', 'x', 'their', '7', 'a', 'bread,', 'q?'];

describeFormats((format) => {
  const quiet = createLocalEngine({ slots: 1, guesses: 0, groupTokens: 1, prefixBytes: 0 });
  const busy = startEngineProcess({ slots: 5, groupTokens: 200 });

  beforeAll(async () => {
    const models = [
      await tiny.text(format),
      await tiny.embedding(format),
      await tiny.reranking(format),
      await tiny.ranking(format),
    ];
    for (const engine of [quiet, busy]) for (const model of models) await engine.load(model);
  });
  afterAll(() => Promise.all([quiet.close(), busy.close()]));

  test('generations: any prompts, mates, order, times of arrival', { timeout: 120_000 }, () =>
    checkGenerations(quiet, busy, 'tiny-text', { runs: 12, mostTokens: 90, words, longest: 60 }),
  );

  test('embeddings: any batches', { timeout: 120_000 }, () =>
    checkEmbeddings(quiet, busy, 'tiny-embedding', { runs: 25, mostTokens: 1, words, longest: 25 }),
  );

  test('embeddings of texts in parts: any batches', { timeout: 120_000 }, () => {
    const options = { runs: 25, mostTokens: 1, words, longest: 60, longTexts: 'average' } as const;
    return checkEmbeddings(quiet, busy, 'tiny-embedding', options);
  });

  // Whose prompts take some turns each, and most of them are the question.
  test.for([
    ['tiny-embedding', 15],
    ['tiny-reranking', 25],
    ['tiny-ranking', 3],
  ] as const)('scores of %s: any documents', { timeout: 120_000 }, ([model, runs]) =>
    checkRerankings(quiet, busy, model, { runs, mostTokens: 1, words, longest: 40 }),
  );
});

/** Of which a long prompt makes groups of its own: with so few tokens as above, all run in one. */
const LONGEST = 2048;
const constraints: readonly ConstraintSpec[] = [
  { kind: 'json', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
  { kind: 'regex', pattern: '(the ring|an inn)( and a (ring|bread))*' },
  { kind: 'choice', choices: ['the', 'then a ring', 'x'] },
];

describeFormats(
  (format) => {
    const quiet = createLocalEngine({ slots: 1, guesses: 0, prefixBytes: 0 });
    // In 1,536 tokens some give way and begin again.
    const busy = {
      'with guesses and kept prompts': createLocalEngine(),
      'without guesses': createLocalEngine({ guesses: 0 }),
      'without kept prompts': createLocalEngine({ prefixBytes: 0 }),
      'in little room': createLocalEngine({ cacheBytes: 1536 * TOKEN_BYTES }),
    };
    const engines = [quiet, ...Object.values(busy)];

    beforeAll(async () => {
      const metadata = { 'llama.context_length': LONGEST };
      const model = await tiny.text(format, { everyByte: true, endless: false, metadata });
      for (const engine of engines) await engine.load(model);
    });
    afterAll(() => Promise.all(engines.map((engine) => engine.close())));

    test.for(Object.entries(busy))('generations beside one of another length, %s', { timeout: 120_000 }, ([, engine]) =>
      checkGenerations(quiet, engine, 'tiny-text', {
        ...{ runs: 10, mostTokens: 90, words, longest: 20, long: 350, constraints },
      }),
    );
  },
  [ROWS, 'nb8'],
);

afterAll(() => tiny.remove());
