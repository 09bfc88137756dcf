// Figures of quality, by hand.

import { expect, test } from 'vitest';
import { embeddingQuality, median, rerankingQuality, textQuality } from '../../../workers/inference/measure/quality.ts';
import { meetsBars, verdictOf } from '../../../workers/inference/measure/verdict.ts';

test('perplexity is over all tokens, and its excess has the interval of the differences of windows', () => {
  const exact = [100, 110, 120, 130].map((loss) => ({ loss, tokens: 50 }));
  // 0.01, 0.02, 0.03, 0.04 a token more: 0.025 in the middle, with a deviation of 0.01291 and an error of 0.006455.
  const losses = exact.map(({ loss, tokens }, i) => ({ loss: loss + 0.5 * (i + 1), tokens }));
  const found = textQuality(losses, exact);
  expect(found).toMatchObject({ kind: 'text', tokens: 200 });
  expect(found.perplexity).toBeCloseTo(Math.exp(465 / 200), 10);
  expect(found.excess).toBeCloseTo(Math.exp(0.025) - 1, 10);
  // Student's t for three degrees of freedom is 3.182.
  const half = 3.182 * 0.006455;
  expect(found.interval[0]).toBeCloseTo(Math.exp(0.025 - half) - 1, 2);
  expect(found.interval[1]).toBeCloseTo(Math.exp(0.025 + half) - 1, 2);
  expect(meetsBars(found)).toBe(false);
  expect(meetsBars(textQuality(exact, exact))).toBe(true);
});

test('of one window nothing is known but its figure', () => {
  const { interval, excess } = textQuality([{ loss: 51, tokens: 100 }], [{ loss: 50, tokens: 100 }]);
  expect(excess).toBeCloseTo(Math.exp(0.01) - 1, 10);
  expect(interval).toEqual([-1, Number.MAX_VALUE]);
});

test('cosines of embeddings: the middle and the least, each with its bar', () => {
  const of = (...angles: number[]) => angles.map((angle) => Float32Array.of(Math.cos(angle), Math.sin(angle)));
  const found = embeddingQuality(of(0.01, 0.02, 0.09), of(0, 0, 0));
  expect(found.medianCosine).toBeCloseTo(Math.cos(0.02), 6);
  expect(found.leastCosine).toBeCloseTo(Math.cos(0.09), 6);
  expect(meetsBars(found)).toBe(true);
  expect(meetsBars({ ...found, leastCosine: 0.994 })).toBe(false);
  expect(meetsBars({ ...found, medianCosine: 0.9989 })).toBe(false);
});

test.each([0, 1, 7])('a vector of no numbers, at place %i, is told', (place) => {
  const vectors = Array.from({ length: 9 }, (_, i) => Float32Array.of(i === place ? Number.NaN : 1, 0));
  const found = embeddingQuality(
    vectors,
    vectors.map(() => Float32Array.of(1, 0)),
  );
  expect(found).toMatchObject({ medianCosine: 1, leastCosine: -1 });
});

test('scores of rankings: the largest difference, and the pairs that stand in one order', () => {
  const found = rerankingQuality([[0.9, 0.5, 0.51]], [[0.9, 0.52, 0.5]]);
  expect(found).toMatchObject({ sameOrder: 2 / 3, pairs: 3 });
  expect(found.largestDifference).toBeCloseTo(0.02, 10);
  expect(meetsBars(found)).toBe(false);
  expect(meetsBars(rerankingQuality([[0.9, 0.51]], [[0.9, 0.52]]))).toBe(true);
});

test('a text has a verdict where its whole interval is on one side of the bar, and else its figure alone counts', () => {
  const of = (excess: number, least: number, most: number) =>
    ({ kind: 'text', perplexity: 20, excess, interval: [least, most], tokens: 2000 }) as const;
  const shown = [
    of(0.005, 0, 0.01),
    of(0.02, 0.0101, 0.03),
    of(0.009, 0.007, 0.0101),
    of(0.012, 0.01, 0.014),
    of(0.5, -1, Number.MAX_VALUE),
    of(Number.NaN, Number.NaN, Number.NaN),
  ].map((quality) => [verdictOf(quality), meetsBars(quality)]);
  expect(shown).toEqual([
    ['met', true],
    ['missed', false],
    ['undecided', true],
    ['undecided', false],
    ['undecided', false],
    ['undecided', false],
  ]);
  const embedding = { kind: 'embedding', medianCosine: 0.9995, leastCosine: 0.996, texts: 10 } as const;
  expect(verdictOf(embedding)).toBe('met');
  expect(verdictOf({ ...embedding, leastCosine: 0.994 })).toBe('missed');
});

test('medians of odd and even numbers', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
