// How much of a difference in perplexity is chance: windows drawn again and again, both models' of the same windows.

import type { WindowLoss } from '../../../workers/inference/measure/foresee.ts';
import { percentile } from '../measure.ts';

const DRAWS = 2_000;

export interface PerplexityChange {
  readonly perplexity: number;
  readonly of: number;
  /** perplexity / of - 1. */
  readonly change: number;
  /** 95 of 100 times that the windows were drawn again, the change lay between these. */
  readonly least: number;
  readonly most: number;
}

/** Both of the same windows, in the same order; the same draws each time. */
export function perplexityChange(rounded: readonly WindowLoss[], plain: readonly WindowLoss[]): PerplexityChange {
  if (rounded.length !== plain.length || rounded.length === 0)
    throw new Error(`Expected losses of the same windows, got ${rounded.length} and ${plain.length}.`);
  const all = rounded.map((_, i) => i);
  const random = mulberry32(42);
  const changes = Array.from({ length: DRAWS }, () =>
    changeOver(
      all.map(() => Math.floor(random() * all.length)),
      rounded,
      plain,
    ),
  );
  return {
    perplexity: perplexityOver(all, rounded),
    of: perplexityOver(all, plain),
    change: changeOver(all, rounded, plain),
    least: percentile(changes, 0.025),
    most: percentile(changes, 0.975),
  };
}

function changeOver(windows: readonly number[], rounded: readonly WindowLoss[], plain: readonly WindowLoss[]): number {
  return perplexityOver(windows, rounded) / perplexityOver(windows, plain) - 1;
}

function perplexityOver(windows: readonly number[], losses: readonly WindowLoss[]): number {
  const sum = (of: keyof WindowLoss) => windows.reduce((total, i) => total + losses[i]![of], 0);
  return Math.exp(sum('loss') / sum('tokens'));
}

/** Numbers from 0 to below 1, the same for the same seed: a known small generator, good enough to draw windows. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
