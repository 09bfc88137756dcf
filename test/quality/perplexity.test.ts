// What rounding to 8 bits costs the default text model: how well it foresees a short text beside the fp32 graph. A form that is
// broken fails here. Over so few tokens the interval is about as wide as the bar of 1 % is high: the bar itself is judged over
// 20,000 tokens and more, by `npm run bench quality`.

import { expect, test } from 'vitest';
import { foresee, type WindowLoss } from '../../workers/inference/measure/foresee.ts';
import { textQuality } from '../../workers/inference/measure/quality.ts';
import { shippedText } from '../../workers/inference/measure/shipped-texts.ts';
import { verdictOf } from '../../workers/inference/measure/verdict.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { describeFormats, ROWS } from '../inference/formats.ts';
import { FETCH_TIMEOUT_MS, realModel } from './real-models.ts';

const MODEL = 'smollm2-135m-instruct';
/** All of its first text. */
const TOKENS = 2174;
/** What chance may add to the bar stays below this. */
const MOST_EXCESS = 0.013;

/** Measured once, for both. */
let unrounded: Promise<WindowLoss[]> | undefined;

describeFormats(
  (format) => {
    test('not clearly more perplexed than fp32', { timeout: FETCH_TIMEOUT_MS }, async () => {
      const losses = await measure(await realModel(MODEL, format));
      unrounded ??= realModel(MODEL, 'fp32').then(measure);
      const [rounded, fp32] = [textQuality(losses, await unrounded), textQuality(await unrounded, await unrounded)];
      const [least, most] = rounded.interval.map((share) => (100 * share).toFixed(2));
      const shown = `${format} ${rounded.perplexity.toFixed(3)}, fp32 ${fp32.perplexity.toFixed(3)}, ${(100 * rounded.excess).toFixed(2)} %`;
      console.info(`perplexity over ${rounded.tokens} tokens: ${shown} (${least} to ${most})`);
      expect(rounded.tokens).toBeGreaterThan(0.99 * TOKENS);
      expect(verdictOf(rounded)).not.toBe('missed');
      expect(rounded.excess).toBeLessThan(MOST_EXCESS);
      // Two graphs wrong in the same way would pass the ratio. By chance it would be the size of the vocabulary, 49,152.
      expect(fp32.perplexity).toBeLessThan(60);
      expect(rounded.perplexity).not.toBe(fp32.perplexity);
    });
  },
  [ROWS, 'nb8'],
);

async function measure(folder: ModelFolder): Promise<WindowLoss[]> {
  return await foresee(folder, shippedText(), { tokens: TOKENS });
}
