// Groups of texts that run together: everyone once, like lengths together, within the budget.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupsByLength } from '../../../workers/inference/encoder/groups.ts';

test('shortest first, as many as fit into the budget', () => {
  expect(groupsByLength([30, 10, 12, 500, 9], 40)).toEqual([[4, 1, 2], [0], [3]]);
  expect(groupsByLength([], 40)).toEqual([]);
});

test('every text is in one group, and padded tokens stay within the budget unless a text is alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 600 })), fc.integer({ min: 1, max: 1000 }), (lengths, budget) => {
      const groups = groupsByLength(lengths, budget);
      expect(groups.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      for (const group of groups) {
        const padded = Math.max(...group.map((i) => lengths[i]!)) * group.length;
        expect(group.length === 1 || padded <= budget).toBe(true);
      }
    }),
  );
});
