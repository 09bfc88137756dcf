// A request that is claimed again is another one: what is said of the earlier claim does not touch the later.

import { expect, test } from 'vitest';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { claimed } from './support/parts.ts';

function claimedTwice() {
  const held = new HeldRequests();
  const request = claimed();
  const early = held.add(request);
  const late = held.add({ ...request, leaseToken: '2' });
  return { held, early, late };
}

test('the earlier claim is no longer held, and removing it removes nothing', () => {
  const { held, early, late } = claimedTwice();
  expect([held.has(early), held.has(late)]).toEqual([false, true]);
  held.remove(early);
  expect([held.size, held.has(late)]).toEqual([1, true]);
});

test('the answer to the settle of the earlier lease leaves the later one', () => {
  const { held, early, late } = claimedTwice();
  held.removeLease(early);
  expect(held.has(late)).toBe(true);
  held.removeLease(late);
  expect(held.size).toBe(0);
});
