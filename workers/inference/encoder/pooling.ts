// Token vectors to one text vector. Done here and not in the graph: a sum in the graph takes another order of additions
// when the batch has one row, and results then differ in the last bits.

import type { EncoderShape } from '../model-folder.ts';

/** `states` holds the token vectors one after the other, padding left out. */
export function pool(
  states: Float32Array,
  tokens: number,
  shape: Pick<EncoderShape, 'pooling' | 'normalize'>,
): Float32Array {
  const width = states.length / tokens;
  const vector = shape.pooling === 'cls' ? states.slice(0, width) : mean(states, tokens, width);
  if (shape.normalize) normalize(vector);
  return vector;
}

function mean(states: Float32Array, tokens: number, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (let token = 0, at = 0; token < tokens; token++) {
    for (let i = 0; i < width; i++, at++) sums[i]! += states[at]!;
  }
  return Float32Array.from(sums, (sum) => sum / tokens);
}

function normalize(vector: Float32Array): void {
  const length = Math.sqrt(dot(vector, vector));
  if (length === 0) return;
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
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
