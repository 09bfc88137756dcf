// The bits of a step: logits and new keys and values are the same whatever runs beside a slot, wherever it stands in the
// batch, and however far the past is padded.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { Forward } from '../../../workers/inference/decoder/forward.ts';
import { BLOCK, KvCache, toBlocks } from '../../../workers/inference/decoder/kv-cache.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { describeFormat } from '../formats.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const CASES: readonly (readonly [string, NumberFormat, { heads?: number; kvHeads?: number }])[] = [
  ['row8, two query heads a key/value head', 'row8', {}],
  ['row8, one query head a key/value head', 'row8', { heads: 4, kvHeads: 4 }],
  ['nb8, two query heads a key/value head', 'nb8', {}],
  ['nb8, one query head a key/value head', 'nb8', { heads: 4, kvHeads: 4 }],
  ['nb8, three query heads a key/value head', 'nb8', { heads: 6, kvHeads: 2 }],
  ['fp32, two query heads a key/value head', 'fp32', {}],
  ['fp32, one query head a key/value head', 'fp32', { heads: 4, kvHeads: 4 }],
];

for (const [name, format, heads] of CASES)
  describeFormat(format, name, () => {
    let session: InferenceSession;
    let shape: DecoderShape;

    beforeAll(async () => {
      const folder = await tiny.text(format, heads);
      session = await openSession(folder);
      shape = folder.description.shape as DecoderShape;
    });
    afterAll(() => session.release());

    /** Reads a prompt alone, then steps with it at `slot` among the others; gives the bits of each step. */
    async function bits(
      prompts: readonly (readonly number[])[],
      slot: number,
      padding: number,
      steps: number,
    ): Promise<string[]> {
      const forward = new Forward(session, shape);
      const lengths = prompts.map((prompt) => prompt.length);
      const cache = new KvCache(shape, prompts.length, toBlocks(Math.max(...lengths) + steps) + padding * BLOCK);
      for (const [i, prompt] of prompts.entries()) {
        const own = new KvCache(shape, 1, toBlocks(prompt.length));
        await readPrompt(prompt, own);
        cache.copySlot(i, own, 0, prompt.length);
        own.release();
      }
      const seen: string[] = [];
      for (let step = 0; step < steps; step++) {
        const batch = prompts.map((prompt, i) => ({ tokens: [prompt[step % prompt.length]!], length: lengths[i]! }));
        const { fresh, next } = await forward.run(cache, batch, true);
        for (const i of prompts.keys()) cache.append(i, lengths[i]!++, fresh, 1);
        const rows = fresh.map((all) =>
          all.subarray((slot * all.length) / prompts.length, ((slot + 1) * all.length) / prompts.length),
        );
        const { best, logits } = next[slot]!;
        expect(best).toBe(logits!.indexOf(Math.max(...logits!)));
        seen.push([logits!, ...rows].map((part) => Buffer.from(part.slice().buffer).toString('base64')).join());
      }
      cache.release();
      return seen;
    }

    async function readPrompt(prompt: readonly number[], cache: KvCache): Promise<void> {
      const forward = new Forward(session, shape);
      for (let at = 0; at < prompt.length; at += BLOCK) {
        const tokens = prompt.slice(at, at + BLOCK);
        const { fresh } = await forward.run(cache, [{ tokens, length: at }], false);
        cache.append(0, at, fresh, tokens.length);
      }
    }

    const prompt = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 150 });

    test('alone and in any company, the same bits', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          prompt,
          fc.array(prompt, { maxLength: 7 }),
          fc.nat(7),
          fc.nat(2),
          async (own, others, place, padding) => {
            const slot = Math.min(place, others.length);
            const company = [...others.slice(0, slot), own, ...others.slice(slot)];
            const alone = await bits([own], 0, 0, 4);
            expect(await bits(company, slot, padding, 4)).toEqual(alone);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
