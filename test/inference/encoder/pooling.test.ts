// Token vectors to a text vector.

import { expect, test } from 'vitest';
import { dot, pool } from '../../../workers/inference/encoder/pooling.ts';

const states = Float32Array.of(3, 0, 0, 4, 3, 8);

test('mean pooling is the mean of all tokens', () => {
  expect([...pool(states, 3, { pooling: 'mean', normalize: false })]).toEqual([2, 4]);
});

test('cls pooling is the first token, and leaves the states as they are', () => {
  expect([...pool(states, 3, { pooling: 'cls', normalize: true })]).toEqual([1, 0]);
  expect(states[0]).toBe(3);
});

test('normalised vectors have unit length; a vector of zeros stays one', () => {
  const vector = pool(states, 3, { pooling: 'mean', normalize: true });
  expect(dot(vector, vector)).toBeCloseTo(1, 6);
  expect([...pool(new Float32Array(2), 1, { pooling: 'mean', normalize: true })]).toEqual([0, 0]);
});
