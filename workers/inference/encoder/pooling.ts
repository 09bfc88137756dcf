// Token vectors to one text vector. Done here and not in the graph: a sum in the graph takes another order of additions
// when the batch has one row, and results then differ in the last bits.

import type { Pooling } from '../model-folder.ts';

/** `states` holds the token vectors one after the other, padding left out. */
export function pool(states: Float32Array, tokens: number, pooling: Pooling): Float32Array {
  const width = states.length / tokens;
  if (pooling === 'cls') return states.slice(0, width);
  if (pooling === 'last') return states.slice(states.length - width);
  return mean(states, tokens, width);
}

function mean(states: Float32Array, tokens: number, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (let token = 0, at = 0; token < tokens; token++) {
    for (let i = 0; i < width; i++, at++) sums[i]! += states[at]!;
  }
  return Float32Array.from(sums, (sum) => sum / tokens);
}

/**
 * The mean of a text's parts by their weights, in their order; the one part of a short text as it is. With mean pooling it is
 * about the mean of all its tokens.
 */
export function average(parts: readonly Float32Array[], weights: readonly number[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const sums = new Float64Array(parts[0]!.length);
  for (const [part, vector] of parts.entries())
    for (let i = 0; i < sums.length; i++) sums[i]! += weights[part]! * vector[i]!;
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return Float32Array.from(sums, (sum) => sum / whole);
}

/**
 * Below this a number of a unit vector is 0: it is nothing beside the rounding of the others, and PostgreSQL refuses a product of
 * two `real` numbers that is smaller than the smallest one (22003), as of any two vectors of all-MiniLM, which have two of about 3e-33.
 */
const NOTHING = 1e-18;

/** Cut to its first numbers, then of unit length where the model wants that. May change and give back its input. */
export function finished(vector: Float32Array, dimension: number, normalize: boolean): Float32Array {
  const cut = dimension < vector.length ? vector.slice(0, dimension) : vector;
  if (normalize) toUnitLength(cut);
  return cut;
}

function toUnitLength(vector: Float32Array): void {
  const length = Math.sqrt(dot(vector, vector));
  if (length === 0) return;
  for (let i = 0; i < vector.length; i++) {
    vector[i]! /= length;
    if (Math.abs(vector[i]!) < NOTHING) vector[i] = 0;
  }
}

/** In double precision and in the order of the numbers. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
