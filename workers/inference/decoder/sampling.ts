// Picks the next token: the best one, or one drawn by its logits.

import type { NextToken } from './forward.ts';
import { randomAt } from './random.ts';

export interface Draw {
  /** 0 = greedy; above, logits are divided by it before they become probabilities. */
  readonly temperature: number;
  readonly seed: number;
  /** Place of the token in its sequence. */
  readonly position: number;
}

/** Drawing, at a temperature above 0, needs the logits. */
export function pickToken({ best, logits }: NextToken, draw: Draw): number {
  return draw.temperature === 0 ? best : sample(logits!, best, draw);
}

/** Walks the cumulative probabilities in the order of ids: one order of additions, so one result. */
function sample(logits: Float32Array, best: number, { temperature, seed, position }: Draw): number {
  const top = logits[best]!;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    weights[id] = Math.exp((logits[id]! - top) / temperature);
    total += weights[id]!;
  }
  const target = randomAt(seed, position) * total;
  let reached = 0;
  for (let id = 0; id < weights.length; id++) {
    reached += weights[id]!;
    if (reached > target) return id;
  }
  return best;
}
