// How many tokens a step takes of each slot: one, and as many guessed ones as are likely to pay. All slots take the same
// number, because a batch is a rectangle.

import type { Guess } from './drafts.ts';

/**
 * What a row costs beside a step of one slot and one row. A step reads all weights once, whatever the number of rows, so the
 * first few cost little. Measured with the default model at 256 tokens of past.
 */
const COST_OF_ROW = 0.055;
/** What a slot costs beside its rows: its keys and values are read once. */
const COST_OF_SLOT = 0.055;

/** Between 1 and the length of the longest guess plus one. */
export function chooseRows(guesses: readonly Guess[]): number {
  const longest = Math.max(...guesses.map(({ tokens }) => tokens.length));
  let best = { rows: 1, worth: 0 };
  for (let rows = 1; rows <= longest + 1; rows++) {
    const tokens = guesses.reduce((sum, guess) => sum + expectedTokens(guess, rows), 0);
    const cost = 1 + COST_OF_SLOT * guesses.length + COST_OF_ROW * guesses.length * rows;
    if (tokens / cost > best.worth) best = { rows, worth: tokens / cost };
  }
  return best.rows;
}

/** One, and every guessed token up to the first wrong one. */
function expectedTokens({ tokens, chance }: Guess, rows: number): number {
  const tried = Math.min(tokens.length, rows - 1);
  return Array.from({ length: tried }, (_, i) => chance ** (i + 1)).reduce((sum, each) => sum + each, 1);
}
