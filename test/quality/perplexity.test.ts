// What rounding to 8 bits costs the default text model: how well it foresees a text (written for this test) beside the fp32 graph.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DecoderShape, ModelFolder } from '../../workers/inference/model-folder.ts';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { NO_PAST, openGraph, rowsOf, stepDecoder } from '../inference/convert/run-graph.ts';
import { describeFormats, ROWS } from '../inference/formats.ts';
import { FETCH_TIMEOUT_MS, realModel } from './real-models.ts';

const MODEL = 'smollm2-135m-instruct';
const WINDOW = 256;
const LEAST_TOKENS = 2000;
const text = readFileSync(new URL('text.txt', import.meta.url), 'utf8');

/** Measured once, for both. */
let unrounded: Promise<{ perplexity: number; scored: number }> | undefined;

describeFormats(
  (format) => {
    test('at most 1 % more perplexed than fp32', { timeout: FETCH_TIMEOUT_MS }, async () => {
      const rounded = await measure(await realModel(MODEL, format));
      unrounded ??= realModel(MODEL, 'fp32').then(measure);
      const fp32 = await unrounded;
      const difference = rounded.perplexity / fp32.perplexity - 1;
      const shown = `${format} ${rounded.perplexity.toFixed(3)}, fp32 ${fp32.perplexity.toFixed(3)}, ${(100 * difference).toFixed(2)} %`;
      console.info(`perplexity over ${rounded.scored} tokens: ${shown}`);
      expect(rounded.scored).toBeGreaterThan(LEAST_TOKENS);
      expect(difference).toBeLessThan(0.01);
      // Two graphs wrong in the same way would pass the ratio. By chance it would be the size of the vocabulary, 49,152.
      expect(fp32.perplexity).toBeLessThan(60);
      expect(rounded.perplexity).not.toBe(fp32.perplexity);
    });
  },
  [ROWS, 'nb8'],
);

/** Each window on its own; every token but its first is foreseen from those before it. */
async function measure(folder: ModelFolder): Promise<{ perplexity: number; scored: number }> {
  const { tokenizer } = await readTokenizer(folder);
  const ids: number[] = [...tokenizer.encode(text, { add_special_tokens: false }).ids];
  const graph = await openGraph(folder);
  const shape = folder.description.shape as DecoderShape;
  let [loss, scored] = [0, 0];
  for (let from = 0; from < ids.length; from += WINDOW) {
    const window = ids.slice(from, from + WINDOW);
    const { logits } = await stepDecoder(graph, shape, [{ ids: window, past: NO_PAST }]);
    for (const [i, row] of rowsOf(logits).slice(0, -1).entries()) {
      loss += logOfSum(row) - row[window[i + 1]!]!;
      scored++;
    }
  }
  await graph.release();
  return { perplexity: Math.exp(loss / scored), scored };
}

/** ln Σ eˣ. */
function logOfSum(row: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of row) most = Math.max(most, value);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
