// Picks the next token from one row of logits.

import { randomAt } from './random.ts';

export interface Draw {
  /** 0 = greedy; above, logits are divided by it before they become probabilities. */
  readonly temperature: number;
  readonly seed: number;
  /** Place of the token in its sequence. */
  readonly position: number;
}

export function pickToken(logits: Float32Array, draw: Draw): number {
  const best = highest(logits);
  return draw.temperature === 0 ? best : sample(logits, logits[best]!, draw);
}

/** Ties: the lowest id. */
export function highest(logits: Float32Array): number {
  let best = 0;
  let value = logits[0]!;
  for (let id = 1; id < logits.length; id++) {
    if (logits[id]! > value) {
      value = logits[id]!;
      best = id;
    }
  }
  return best;
}

/** Walks the cumulative probabilities in the order of ids: one order of additions, so one result. */
function sample(logits: Float32Array, top: number, { temperature, seed, position }: Draw): number {
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
  return highest(logits);
}
