import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECONNECT, reconnectDelay } from '../../workers/queue/reconnect-policy.ts';

test('the first connection is tried at once', () => {
  expect(reconnectDelay(0, 0.99)).toBe(0);
});

test('the waits double from 100 ms to 5 s, each spread over its upper half', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => reconnectDelay(failures, 1));
  expect(longest).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(reconnectDelay(7, 0)).toBe(2500);
});

test('no number of failures waits longer than the bound, or not at all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const delay = reconnectDelay(failures, random);
      expect(delay).toBeGreaterThanOrEqual(RECONNECT.firstMs / 2);
      expect(delay).toBeLessThanOrEqual(RECONNECT.mostMs);
    }),
  );
});
