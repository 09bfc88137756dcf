// Scores of documents that ran in parts, and of models that give no number.

import { expect, test } from 'vitest';
import { bestScores, CANCELLED, cosineScore, sigmoid } from '../../../workers/inference/encoder/scores.ts';

const ran = (...results: number[]) => ({
  results,
  sequences: results.map(() => ({ ids: [1, 2], first: 2 })),
  weights: results.map(() => 0),
  tokens: 2 * results.length,
  truncated: false,
  refused: false,
});
const query = { tokens: 3, truncated: true };

test('the best part of a document counts, and all parts have their tokens', () => {
  expect(bestScores([ran(0.2, 0.9, 0.4), ran(0.5)], (result) => result, query)).toEqual({
    scores: [0.9, 0.5],
    tokens: 11,
    truncated: true,
    chunks: 4,
    cancelled: false,
  });
});

test('one that was cancelled has no scores', () => {
  expect(bestScores([ran(0.2), undefined], (result) => result, query)).toBe(CANCELLED);
});

test('what is no number is refused with the document that it came from', () => {
  const scores = (score: number) => () => bestScores([ran(0.5), ran(score)], (result) => result, query);
  expect(scores(Number.NaN)).toThrow('expected the score of document 1 in 0..1, got NaN');
  expect(scores(1)).not.toThrow();
});

test('logits and cosines become numbers from 0 to 1 in their order', () => {
  expect([-800, -1, 0, 1, 800].map(sigmoid)).toEqual([0, sigmoid(-1), 0.5, 1 - sigmoid(-1), 1]);
  const [a, b] = [Float32Array.of(0.6, 0.8), Float32Array.of(-0.6, -0.8)];
  expect(cosineScore(a, b)).toBe(0);
  expect(cosineScore(a, a)).toBe(1);
});
