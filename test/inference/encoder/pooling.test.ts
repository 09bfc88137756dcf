// Token vectors to a text vector.

import { expect, test } from 'vitest';
import { average, dot, finished, pool } from '../../../workers/inference/encoder/pooling.ts';

const states = Float32Array.of(3, 0, 0, 4, 3, 8);

test('mean pooling is the mean of all tokens, cls the first of them, last the last, and none changes them', () => {
  expect([...pool(states, 3, 'mean')]).toEqual([2, 4]);
  const [first, last] = [pool(states, 3, 'cls'), pool(states, 3, 'last')];
  expect([...first, ...last]).toEqual([3, 0, 3, 8]);
  finished(first, 2, true);
  expect([...states]).toEqual([3, 0, 0, 4, 3, 8]);
});

test('the parts of a long text weigh as much as they have tokens', () => {
  expect([...average([Float32Array.of(4, 0), Float32Array.of(0, 8)], [3, 1])]).toEqual([3, 2]);
  expect([...average([Float32Array.of(4, 0)], [0])]).toEqual([4, 0]);
});

test('normalised vectors have unit length, also after they were cut; a vector of zeros stays one', () => {
  const vector = finished(Float32Array.of(3, 4, 12), 3, true);
  expect(dot(vector, vector)).toBeCloseTo(1, 6);
  expect([...finished(Float32Array.of(3, 4, 12), 2, true)]).toEqual([...Float32Array.of(0.6, 0.8)]);
  expect([...finished(Float32Array.of(3, 4, 12), 2, false)]).toEqual([3, 4]);
  expect([...finished(new Float32Array(2), 2, true)]).toEqual([0, 0]);
});

test('what is nothing in a unit vector is 0, so that products of two vectors do not fall below the smallest real', () => {
  const vector = finished(Float32Array.of(3e-33, 0.6, -2e-19, 0.8, 1e-17), 5, true);
  expect([...vector]).toEqual([...Float32Array.of(0, 0.6, 0, 0.8, 1e-17)]);
  for (const a of vector) for (const b of vector) expect(Math.fround(a * b) === 0).toBe(a === 0 || b === 0);
});
