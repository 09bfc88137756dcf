// Picks the next token: the best one, or one drawn by its logits.

import { isAllowed, tokensIn } from '../constrained/vocabulary/token-mask.ts';
import type { NextToken } from './forward.ts';
import { mostProbable } from './most-probable.ts';
import { randomAt } from './random.ts';

export interface Draw {
  /** 0 = greedy; above, logits are divided by it before they become probabilities. */
  readonly temperature: number;
  readonly seed: number;
  /** Place of the token in its sequence. */
  readonly position: number;
  /** Draws among so many tokens, the most probable ones; 0 = all. */
  readonly topK?: number | undefined;
  /** Draws among the most probable tokens that together have this probability; 1 = all. */
  readonly topP?: number | undefined;
  /** Tokens that must not come now. */
  readonly never?: readonly number[] | undefined;
  /** The only tokens that may come, as bits. */
  readonly allowed?: Uint32Array | undefined;
}

/** Where none is allowed. */
export const NO_TOKEN = -1;

/** Drawing, at a temperature above 0, and tokens that must not come need the logits. */
export function pickToken({ best, logits }: NextToken, draw: Draw): number {
  const { temperature, never = [], topK = 0, topP = 1 } = draw;
  if (draw.allowed) return pickAllowed(best, logits!, draw.allowed, draw);
  const allowed = never.length > 0 ? without(logits!, never) : logits;
  const first = never.includes(best) ? bestOf(allowed!) : best;
  if (temperature === 0) return first;
  return topK === 0 && topP === 1 ? sample(allowed!, first, draw) : sampleSome(allowed!, draw, topK, topP);
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

/** Walks the tokens that are left in the order of their probability, of equal ones the lowest id first. */
function sampleSome(logits: Float32Array, { temperature, seed, position }: Draw, topK: number, topP: number): number {
  const { ids, weights, total } = mostProbable(logits, temperature, topK, topP);
  const target = randomAt(seed, position) * total;
  let reached = 0;
  for (const [i, weight] of weights.entries()) {
    reached += weight;
    if (reached > target) return ids[i]!;
  }
  return ids[0]!;
}

/** As if the vocabulary had no other tokens. */
function pickAllowed(best: number, logits: Float32Array, bits: Uint32Array, draw: Draw): number {
  if (draw.temperature === 0 && isAllowed({ bits }, best)) return best;
  const tokens = tokensIn(bits);
  const first = tokens.reduce((best, id) => (best < 0 || logits[id]! > logits[best]! ? id : best), NO_TOKEN);
  if (draw.temperature === 0 || first === NO_TOKEN) return first;
  const only = new Float32Array(logits.length).fill(Number.NEGATIVE_INFINITY);
  for (const id of tokens) only[id] = logits[id]!;
  return pickToken({ best: first, logits: only }, { ...draw, allowed: undefined });
}

function without(logits: Float32Array, never: readonly number[]): Float32Array {
  const left = logits.slice();
  for (const id of never) left[id] = Number.NEGATIVE_INFINITY;
  return left;
}

/** The lowest id of the highest logit. */
function bestOf(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}
