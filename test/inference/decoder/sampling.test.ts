// The next token: greedy, or drawn by a number that is a function of seed and position alone.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostProbable } from '../../../workers/inference/decoder/most-probable.ts';
import { randomAt } from '../../../workers/inference/decoder/random.ts';
import { NO_TOKEN, pickToken } from '../../../workers/inference/decoder/sampling.ts';

const greedy = { temperature: 0, seed: 1, position: 5 };

describe('at temperature 0', () => {
  test('the best token is taken, and no logits are needed', () => {
    expect(pickToken({ best: 7, logits: undefined }, greedy)).toBe(7);
    expect(pickToken({ best: 2, logits: Float32Array.of(0, 0, 1) }, greedy)).toBe(2);
  });
});

describe('above temperature 0', () => {
  const logits = Float32Array.of(0, Math.log(2), Math.log(5), -200);
  const draws = (temperature: number, seed: number) =>
    Array.from({ length: 20_000 }, (_, position) => pickToken({ best: 2, logits }, { temperature, seed, position }));

  test('tokens come as often as their probability says', () => {
    const counts = [0, 0, 0, 0];
    for (const token of draws(1, 42)) counts[token]!++;
    for (const [token, share] of [1 / 8, 2 / 8, 5 / 8, 0].entries()) {
      expect(Math.abs(counts[token]! / 20_000 - share)).toBeLessThan(0.015);
    }
  });

  test('a low temperature comes near to greedy', () => {
    expect(draws(0.05, 42).every((token) => token === 2)).toBe(true);
  });

  test('a number on the border of two tokens draws the second, so that one without weight is never drawn', () => {
    // Here the number is 147 / 256 exactly: as much as the first 147 of 256 equal tokens have together.
    const border = { seed: 45, position: 90_640 };
    expect(randomAt(border.seed, border.position) * 256).toBe(147);
    expect(pickToken({ best: 0, logits: new Float32Array(256) }, { temperature: 1, ...border })).toBe(147);
  });

  test('the same seed and position draw the same token, another seed another sequence', () => {
    expect(draws(1, 7)).toEqual(draws(1, 7));
    expect(draws(1, 7)).not.toEqual(draws(1, 8));
  });
});

describe('tokens that must not come', () => {
  const logits = Float32Array.of(1, 5, 3, 5, 3);

  test('leave the best of the others, of equal ones the lowest id', () => {
    expect(pickToken({ best: 1, logits }, { ...greedy, never: [1] })).toBe(3);
    expect(pickToken({ best: 1, logits }, { ...greedy, never: [3, 1] })).toBe(2);
    expect(pickToken({ best: 1, logits }, { ...greedy, never: [3] })).toBe(1);
  });

  test('are never drawn, and the others as often as before among themselves', () => {
    for (const more of [{}, { topK: 4 }, { topP: 0.999 }]) {
      const draw = { temperature: 2, seed: 3, never: [1, 3], ...more };
      const counts = [0, 0, 0, 0, 0];
      for (let position = 0; position < 9000; position++)
        counts[pickToken({ best: 1, logits }, { ...draw, position })]!++;
      expect([counts[1], counts[3]]).toEqual([0, 0]);
      expect(Math.abs(counts[2]! - counts[4]!)).toBeLessThan(300);
    }
  });

  test('are left as they were in the logits', () => {
    pickToken({ best: 1, logits }, { ...greedy, never: [1] });
    expect([...logits]).toEqual([1, 5, 3, 5, 3]);
  });
});

describe('top-k and top-p', () => {
  /** The same by sorting everything. */
  function expected(logits: Float32Array, temperature: number, topK: number, topP: number): number[] {
    const top = Math.max(...logits);
    const weights = Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
    const ids = [...weights.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
    const first = ids.slice(0, topK === 0 ? ids.length : topK);
    if (topP === 1) return first;
    const order = topK === 0 ? [...weights.keys()] : first;
    const total = order.reduce((sum, id) => sum + weights[id]!, 0);
    const kept: number[] = [];
    for (let sum = 0; kept.length < first.length && sum < topP * total; ) {
      kept.push(first[kept.length]!);
      sum += weights[kept.at(-1)!]!;
    }
    return kept;
  }

  test('leave the most probable tokens, of equal ones those with the lowest ids', () => {
    const logit = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.double({ min: -90, max: 90, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.3, 1, 2),
        fc.nat(70),
        fc.constantFrom(0.05, 0.5, 0.93, 0.999, 1),
        (numbers, temperature, topK, topP) => {
          const logits = Float32Array.from(numbers);
          const { ids, weights, total } = mostProbable(logits, temperature, topK, topP);
          expect(ids).toEqual(expected(logits, temperature, topK, topP));
          expect(weights).toHaveLength(ids.length);
          expect(total).toBe(weights.reduce((sum, weight) => sum + weight, 0));
        },
      ),
      { numRuns: 2000 },
    );
  });

  const logits = Float32Array.of(Math.log(2), Math.log(5), Math.log(3), Math.log(5));
  const share = (more: object) => {
    const counts = [0, 0, 0, 0];
    for (let position = 0; position < 20_000; position++)
      counts[pickToken({ best: 1, logits }, { temperature: 1, seed: 42, position, ...more })]!++;
    return counts.map((count) => Math.round((count / 20_000) * 20) / 20);
  };

  test('draw among what they leave, each as often as its probability says', () => {
    expect(share({ topK: 1 })).toEqual([0, 1, 0, 0]);
    expect(share({ topK: 2 })).toEqual([0, 0.5, 0, 0.5]);
    expect(share({ topP: 0.3 })).toEqual([0, 1, 0, 0]);
    expect(share({ topP: 0.7 })).toEqual([0, 0.4, 0.25, 0.4]);
    expect(share({ topK: 3, topP: 0.5 })).toEqual([0, 0.5, 0, 0.5]);
  });

  test('that leave all change nothing: the draw goes in the order of ids, as without them', () => {
    const plain = Array.from({ length: 100 }, (_, position) =>
      pickToken({ best: 1, logits }, { temperature: 1, seed: 7, position }),
    );
    const same = Array.from({ length: 100 }, (_, position) =>
      pickToken({ best: 1, logits }, { temperature: 1, seed: 7, position, topK: 0, topP: 1, never: [] }),
    );
    expect(same).toEqual(plain);
  });
});

describe('the random number', () => {
  test('is a fixed function: these values may never change, or old results could not be repeated', () => {
    expect([randomAt(42, 0), randomAt(42, 1), randomAt(-1, 0)].map((x) => x.toFixed(9))).toMatchInlineSnapshot(`
      [
        "0.325854251",
        "0.809203386",
        "0.789842704",
      ]
    `);
  });

  test('lies in [0, 1) for any seed and position', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(1 << 20), (seed, position) => {
        const x = randomAt(seed, position);
        expect(x >= 0 && x < 1).toBe(true);
      }),
    );
  });

  test('is even: no tenth of the range has more than its share, over seeds and over positions', () => {
    for (const draw of [(i: number) => randomAt(42, i), (i: number) => randomAt(i, 3)]) {
      const tenths = new Array(10).fill(0);
      for (let i = 0; i < 100_000; i++) tenths[Math.floor(draw(i) * 10)]++;
      for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    }
  });
});

describe('where only some tokens are allowed', () => {
  const logits = Float32Array.of(5, 3, 3, 9, 1);
  const only = (...ids: number[]) => Uint32Array.of(ids.reduce((bits, id) => bits | (1 << id), 0));

  test('the best of them is taken, of equal ones the lowest id', () => {
    expect(pickToken({ best: 3, logits }, { ...greedy, allowed: only(1, 2, 4) })).toBe(1);
    expect(pickToken({ best: 3, logits }, { ...greedy, allowed: only(3, 4) })).toBe(3);
    expect(pickToken({ best: 3, logits }, { ...greedy, allowed: only() })).toBe(NO_TOKEN);
  });

  test('draws are as if the vocabulary had no others, by top-k and top-p too', () => {
    const some = Float32Array.of(3, 3, 1);
    for (const more of [{}, { topK: 2 }, { topP: 0.9 }, { topK: 1 }]) {
      for (let position = 0; position < 300; position++) {
        const draw = { temperature: 1.5, seed: 9, position, ...more };
        const alone = pickToken({ best: 0, logits: some }, draw);
        expect(pickToken({ best: 3, logits }, { ...draw, allowed: only(1, 2, 4) })).toBe([1, 2, 4][alone]);
      }
    }
  });
});
