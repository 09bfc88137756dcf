// The bits of a vector: the same whatever texts are in the batch, in whatever order, padded to whatever length.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EncoderGraph, encodeGroup, OWN_GRAPH } from '../../../workers/inference/encoder/encoder.ts';
import { finished, pool } from '../../../workers/inference/encoder/pooling.ts';
import type { EncoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels, TINY_EMBEDDING_TOKENS } from '../engine/tiny-models.ts';
import { describeFormats, FORMATS } from '../formats.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

describeFormats((format) => {
  let graph: EncoderGraph;

  beforeAll(async () => {
    const folder = await tiny.embedding(format);
    const { hidden } = folder.description.shape as EncoderShape;
    graph = { session: await openSession(folder), hidden, pairs: false, ...OWN_GRAPH };
  });
  afterAll(() => graph.session.release());

  const vectorsOf = (group: readonly number[][]) =>
    encodeGroup(
      graph,
      group.map((ids) => ({ ids, first: ids.length })),
      (states, tokens) => finished(pool(states, tokens, 'mean'), graph.hidden, true),
    );

  const text = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: TINY_EMBEDDING_TOKENS });

  test('alone and in any company, the same bits', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 12 }), fc.nat(12), async (own, others, place) => {
        const slot = Math.min(place, others.length);
        const company = [...others.slice(0, slot), own, ...others.slice(slot)];
        const [alone] = await vectorsOf([own]);
        const together = await vectorsOf(company);
        expect(Buffer.from(together[slot]!.buffer).equals(Buffer.from(alone!.buffer))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
}, FORMATS);
