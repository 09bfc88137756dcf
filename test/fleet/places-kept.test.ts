// What places tell and keep of attempts: only what an engine has not begun may be handed back, and nothing is kept of what left.

import { expect, test } from 'vitest';
import type { EngineSeat } from '../../workers/fleet/engine-seat.ts';
import { type HeldRequest, HeldRequests } from '../../workers/fleet/held-requests.ts';
import { Places } from '../../workers/fleet/places.ts';
import type { Capacity } from '../../workers/handlers/handler.ts';
import { claimed, generation } from './support/parts.ts';

/** Of generations alone an engine tells which it has begun. */
const CAPACITIES: Readonly<Record<string, Capacity>> = {
  generate: { perEngine: 8, unbegun: 1, perCall: 1 },
  embed: { perEngine: 64, perCall: 32 },
};
/** Of an engine only that it is itself is looked at. */
const seat = {} as EngineSeat;

function engine() {
  const places = new Places((requestType) => CAPACITIES[requestType]!);
  const held = new HeldRequests();
  const take = (one: HeldRequest) => places.take(one, seat, places.laneOf(one.request));
  const come = (request = generation('x')) => {
    const one = held.add(request);
    one.state = 'running';
    take(one);
    return one;
  };
  return { places, held, take, come };
}

test('what is handed back is what no engine has begun: no embedding, of which that is not told, and nothing that has ended', () => {
  const { places, held, come } = engine();
  const [embedding, begun, ended, waiting] = [come(claimed({ requestType: 'embed' })), come(), come(), come()];
  places.begin(begun);
  held.markSettling(ended);
  expect(places.in(seat)).toContain(embedding);
  expect(places.notBegun).toEqual([waiting]);
});

test('one that has left is not begun any more, should its engine tell so late: it would be kept, and taken for begun the next time', () => {
  const { places, take, come } = engine();
  const one = come();
  places.leave(one);
  expect(places.begin(one)).toBe(false);
  take(one);
  expect(places.notBegun).toEqual([one]);
});

test('one that left on its way back to the queue is no longer on its way, and can be sent back again', () => {
  const { places, take, come } = engine();
  const [first, second] = [come(), come()];
  expect(places.giveWay(first)).toBe(second);
  places.leave(second);
  take(second);
  expect(places.giveWay(first)).toBe(second);
});
