// Whether a number format is near enough to fp32 to be taken. Pure policy.

import type { Quality } from './quality.ts';

/** What a format has to keep to be chosen. Those of reranking are no more than a guess: no real model could be measured. */
export const BARS = { excess: 0.01, medianCosine: 0.999, leastCosine: 0.995, difference: 0.02, sameOrder: 0.98 };

/** undecided: the bar lies within the interval, so that another text may say otherwise. */
export type Verdict = 'met' | 'missed' | 'undecided';

export function verdictOf(quality: Quality): Verdict {
  if (quality.kind !== 'text') return meetsBars(quality) ? 'met' : 'missed';
  const [least, most] = quality.interval;
  if (most <= BARS.excess) return 'met';
  return least > BARS.excess ? 'missed' : 'undecided';
}

/** By the figure itself, whatever its interval: what else is left to judge what stays undecided by. */
export function meetsBars(quality: Quality): boolean {
  switch (quality.kind) {
    case 'text':
      return quality.excess <= BARS.excess;
    case 'embedding':
      return quality.medianCosine >= BARS.medianCosine && quality.leastCosine >= BARS.leastCosine;
    case 'reranking':
      return quality.largestDifference <= BARS.difference && quality.sameOrder >= BARS.sameOrder;
  }
}
