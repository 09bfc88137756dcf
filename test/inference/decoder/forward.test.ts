// The bits of a step: logits and new keys and values are the same whatever runs beside a slot, wherever it stands in the
// batch, however far the past is padded, however many tokens a step takes, and of however many others it is asked what follows.

import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { Forward } from '../../../workers/inference/decoder/forward.ts';
import { BLOCK, type FreshRows, KvCache, toBlocks } from '../../../workers/inference/decoder/kv-cache.ts';
import { promptContext } from '../../../workers/inference/decoder/prompt-context.ts';
import { MOST_ROWS, RECENT, RecentTokens, ROOM } from '../../../workers/inference/decoder/recent-tokens.ts';
import { StepForms } from '../../../workers/inference/decoder/step-forms.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { ROWS } from '../formats.ts';

/** Tokens after a prompt: more than a block. */
const TOKENS = 20;

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const CASES: readonly (readonly [string, NumberFormat, { heads?: number; kvHeads?: number }])[] = [
  [`${ROWS}, two query heads a key/value head`, ROWS, {}],
  [`${ROWS}, one query head a key/value head`, ROWS, { heads: 4, kvHeads: 4 }],
  ['nb8, two query heads a key/value head', 'nb8', {}],
  ['nb8, one query head a key/value head', 'nb8', { heads: 4, kvHeads: 4 }],
  ['nb8, three query heads a key/value head', 'nb8', { heads: 6, kvHeads: 2 }],
  ['nb4, two query heads a key/value head', 'nb4', {}],
  ['nb4, one query head a key/value head', 'nb4', { heads: 4, kvHeads: 4 }],
  ['fp32, two query heads a key/value head', 'fp32', {}],
  ['fp32, one query head a key/value head', 'fp32', { heads: 4, kvHeads: 4 }],
];

for (const [name, format, heads] of CASES)
  describe(name, () => {
    let session: InferenceSession;
    let shape: DecoderShape;

    beforeAll(async () => {
      const folder = await tiny.text(format, heads);
      session = await openSession(folder);
      shape = folder.description.shape as DecoderShape;
    });
    afterAll(() => session.release());

    /** Reads prompts alone, then takes `rows` tokens a step of each; gives the bits of each token of the one at `slot`. */
    async function bits(
      prompts: readonly (readonly number[])[],
      slot: number,
      padding: number,
      rows: readonly number[],
      asked: readonly number[],
    ): Promise<string[]> {
      const forward = new Forward(session, shape);
      const lengths = prompts.map((prompt) => prompt.length);
      const capacity = toBlocks(Math.max(...lengths) + TOKENS) + padding * BLOCK;
      const cache = new KvCache(shape, prompts.length, capacity);
      const recent = new RecentTokens(shape, prompts.length);
      const feeds = (count: number) => ({ ...cache.feeds(count), ...recent.feeds(count) });
      for (const [i, prompt] of prompts.entries()) {
        const own = new KvCache(shape, 1, toBlocks(prompt.length));
        await readPrompt(prompt, own);
        cache.copySlot(i, { cache: own, slot: 0, length: prompt.length });
        recent.take(i, own, 0, prompt.length);
        own.release();
      }
      const forms = new StepForms();
      const seen: string[] = [];
      for (let taken = 0, step = 0; taken < TOKENS; step++) {
        const wanted = Math.min(rows[step % rows.length]!, TOKENS - taken);
        // No slot goes beyond its block, as in the decode loop.
        const count = Math.min(wanted, ...lengths.map((length) => RECENT - (length % RECENT)));
        const batch = prompts.map((prompt, i) => ({
          tokens: Array.from({ length: count }, (_, row) => prompt[(taken + row) % prompt.length]!),
          length: lengths[i]!,
          recent: lengths[i]! % RECENT,
          asked: i === slot ? count : Math.min(count, asked[(step + i) % asked.length]!),
        }));
        // More rows than tokens: what is only there to fill the batch up is seen by nobody.
        const { fresh, next } = await forward.run({ capacity, room: ROOM, forms, feeds }, batch, wanted, true);
        for (let row = 0; row < count; row++) {
          const { best, logits } = next[slot]![row]!;
          expect(best).toBe(logits!.indexOf(Math.max(...logits!)));
          seen.push([logits!, ...freshOf(fresh, slot, row, wanted)].map(base64).join());
        }
        for (const i of prompts.keys()) recent.append(i, lengths[i]!, fresh, wanted, count, cache);
        for (const i of prompts.keys()) lengths[i]! += count;
        taken += count;
      }
      cache.release();
      recent.release();
      return seen;
    }

    /** The new keys and values of one token. */
    function freshOf(fresh: FreshRows, slot: number, row: number, rows: number): Float32Array[] {
      const heads = 2 * shape.kvHeads;
      return fresh.flatMap((layer) =>
        Array.from({ length: heads }, (_, head) => {
          const start = ((slot * heads + head) * rows + row) * shape.headSize;
          return layer.subarray(start, start + shape.headSize);
        }),
      );
    }

    async function readPrompt(prompt: readonly number[], cache: KvCache): Promise<void> {
      const forward = new Forward(session, shape);
      for (let at = 0; at < prompt.length; at += BLOCK) {
        const tokens = prompt.slice(at, at + BLOCK);
        const context = promptContext(shape, cache, tokens.length);
        const { fresh } = await forward.run(
          context,
          [{ tokens, length: at, recent: 0, asked: 0 }],
          tokens.length,
          false,
        );
        cache.append(0, at, fresh, tokens.length);
      }
    }

    const prompt = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 150 });

    test('alone and in any company, one by one and several at a time, the same bits', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(
          prompt,
          fc.array(prompt, { maxLength: 7 }),
          fc.nat(7),
          fc.nat(2),
          fc.array(fc.integer({ min: 1, max: MOST_ROWS }), { minLength: 1, maxLength: 4 }),
          fc.array(fc.nat(MOST_ROWS), { minLength: 1, maxLength: 5 }),
          async (own, others, place, padding, rows, asked) => {
            const slot = Math.min(place, others.length);
            const company = [...others.slice(0, slot), own, ...others.slice(slot)];
            const alone = await bits([own], 0, 0, [1], [1]);
            expect(await bits(company, slot, padding, rows, asked)).toEqual(alone);
          },
        ),
        { numRuns: 25 },
      );
    });
  });

const base64 = (values: Float32Array) => Buffer.from(values.slice().buffer).toString('base64');
