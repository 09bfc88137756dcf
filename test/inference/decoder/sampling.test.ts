// The next token: greedy, or drawn by a number that is a function of seed and position alone.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomAt } from '../../../workers/inference/decoder/random.ts';
import { pickToken } from '../../../workers/inference/decoder/sampling.ts';

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
