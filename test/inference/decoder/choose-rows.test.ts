// How wide a step is: guesses are tried where they are likely to pay.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseRows, costOfRow } from '../../../workers/inference/decoder/choose-rows.ts';
import { NO_GUESS } from '../../../workers/inference/decoder/drafts.ts';

const guess = (count: number, chance: number) => ({ tokens: Array.from({ length: count }, (_, i) => i), chance });
const slots = (count: number, of: { tokens: readonly number[]; chance: number }) =>
  Array.from({ length: count }, () => of);

test('without guesses a step takes one token of each', () => {
  expect(chooseRows([NO_GUESS])).toBe(1);
  expect(chooseRows(slots(8, NO_GUESS))).toBe(1);
});

test('a likely guess is tried whole, an unlikely one not at all', () => {
  expect(chooseRows([guess(3, 0.9)])).toBe(4);
  expect(chooseRows([guess(2, 0.9)])).toBe(3);
  expect(chooseRows([guess(3, 0.01)])).toBe(1);
});

test('one slot tries what eight do not: there a row of each costs more than the weights, read once for all', () => {
  expect(chooseRows([guess(3, 0.5)])).toBeGreaterThan(chooseRows(slots(8, guess(3, 0.5))));
});

test('many slots try less where rows cost more', () => {
  const likely = slots(8, guess(3, 0.8));
  expect(chooseRows(likely, costOfRow('row8'))).toBe(4);
  expect(chooseRows(likely, costOfRow('row8u'))).toBeLessThan(4);
  expect(chooseRows([guess(3, 0.8)], costOfRow('row8u'))).toBe(4);
});

test('one that guesses does not make seven wait that do not', () => {
  expect(chooseRows([guess(3, 0.9), ...slots(7, NO_GUESS)])).toBeLessThan(4);
});

test('what must come is tried at one stream, and at eight only where most of them have it', () => {
  const [must, cost] = [guess(3, 1), costOfRow('row8u')];
  expect(chooseRows([must], cost)).toBe(4);
  expect(chooseRows([...slots(2, must), ...slots(6, NO_GUESS)], cost)).toBe(1);
  expect(chooseRows(slots(8, must), cost)).toBe(4);
});

test('never more than the longest guess and one, never fewer with better chances', () => {
  const any = fc.array(fc.record({ count: fc.nat(3), chance: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(any, (guesses) => {
      const rows = chooseRows(guesses.map(({ count, chance }) => guess(count, chance)));
      expect(rows).toBeGreaterThanOrEqual(1);
      expect(rows).toBeLessThanOrEqual(1 + Math.max(...guesses.map(({ count }) => count)));
    }),
  );
});
