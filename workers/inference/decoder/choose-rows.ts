// How many tokens a step takes of each slot: one, and as many guessed ones as are likely to pay. All slots take the same
// number, because a batch is a rectangle.

import type { NumberFormat } from '../choose-format.ts';
import type { Guess } from './drafts.ts';

/** What a slot costs beside reading all weights once, which a step does whatever its form. */
const COST_OF_SLOT = 0.06;

/**
 * What a row costs beside that, by steps of the default model on one thread. row8 at 256 tokens of past (AMX): 1 slot × 1 row
 * 14.9 ms, × 4 rows 16.7; 8 × 1 25.2, 8 × 2 29.1, 8 × 4 44.3. At 128 (Zen 3, AVX2): row8u 19, 25; 42, 66, 115; blocks of 8 bits
 * 23, 38; 71, 125, 200; fp32 55, 62; 96, 118, 181. Blocks of 4 bits are taken to be as those of 8.
 */
const COST_OF_ROW: Readonly<Record<NumberFormat, number>> = {
  row8: 0.055,
  row8u: 0.22,
  nb8: 0.35,
  nb4: 0.35,
  fp32: 0.07,
  // A graph that came ready-made, in floats as far as is known here.
  own: 0.07,
};

export const costOfRow = (format: NumberFormat): number => COST_OF_ROW[format];

/** Between 1 and the length of the longest guess plus one. */
export function chooseRows(guesses: readonly Guess[], rowCost = costOfRow('row8')): number {
  const longest = Math.max(...guesses.map(({ tokens }) => tokens.length));
  let best = { rows: 1, worth: 0 };
  for (let rows = 1; rows <= longest + 1; rows++) {
    const tokens = guesses.reduce((sum, guess) => sum + expectedTokens(guess, rows), 0);
    const cost = 1 + COST_OF_SLOT * guesses.length + rowCost * guesses.length * rows;
    if (tokens / cost > best.worth) best = { rows, worth: tokens / cost };
  }
  return best.rows;
}

/** One, and every guessed token up to the first wrong one. */
function expectedTokens({ tokens, chance }: Guess, rows: number): number {
  const tried = Math.min(tokens.length, rows - 1);
  return Array.from({ length: tried }, (_, i) => chance ** (i + 1)).reduce((sum, each) => sum + each, 1);
}
