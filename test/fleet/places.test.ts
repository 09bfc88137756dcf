// What places an engine has for what, as attempts come, begin, give way and leave.

import { describe, expect, test } from 'vitest';
import type { EngineSeat } from '../../workers/fleet/engine-seat.ts';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { type Lane, Places } from '../../workers/fleet/places.ts';
import type { Capacity } from '../../workers/handlers/handler.ts';
import { generation } from './support/parts.ts';

const CAPACITY: Capacity = { perEngine: 8, unbegun: 1, perCall: 1, large: { above: 768, perEngine: 2 } };
const [SMALL, LARGE] = [false, true].map(
  (large): Lane => ({ requestType: 'generate', model: 'smollm2-135m-instruct', large }),
) as [Lane, Lane];

/** Of an engine only that it is itself, and how much it has, are looked at. */
const seat = { load: 0 } as EngineSeat;

function engine() {
  const places = new Places(() => CAPACITY);
  const held = new HeldRequests();
  const room = (lane: Lane) => places.rooms(lane, [seat])[0]!.room;
  const come = (inputTokens = 1) => {
    const one = held.add(generation('x', { inputTokens }));
    one.state = 'running';
    places.take(one, seat, places.laneOf(one.request));
    return one;
  };
  const begun = (inputTokens?: number) => {
    const one = come(inputTokens);
    places.begin(one);
    return one;
  };
  return { places, room, come, begun };
}

describe('one that is not begun', () => {
  test('keeps out those of its size, and no others', () => {
    const { room, come } = engine();
    come(2000);
    expect([room(SMALL), room(LARGE)]).toEqual([1, 0]);
    come();
    expect([room(SMALL), room(LARGE)]).toEqual([0, 0]);
  });

  test('is forgotten when it leaves: the next of its place is not taken for begun', () => {
    const { places, room, begun } = engine();
    const one = begun();
    places.leave(one);
    places.take(one, seat, places.laneOf(one.request));
    expect(room(SMALL)).toBe(0);
    expect(places.notBegun).toEqual([one]);
  });
});

test('models have places of their own: what waits for one, or fills it, keeps nobody out of another', () => {
  const { room, come } = engine();
  come();
  come(2000);
  const other = { ...SMALL, model: 'another' };
  expect([room(SMALL), room(other), room({ ...LARGE, model: 'another' })]).toEqual([0, 1, 1]);
});

describe('an engine in which one had to give way', () => {
  const crowded = () => {
    const parts = engine();
    const [first, second, third] = [parts.begun(), parts.begun(), parts.begun()];
    expect(parts.places.giveWay(third!)).toBeUndefined();
    expect(parts.room(SMALL)).toBe(0);
    return { ...parts, first: first!, second: second!, third: third! };
  };

  test('takes no more, of any size, until one of its own has ended', () => {
    const { places, room, first, third } = crowded();
    places.begin(third);
    expect([room(SMALL), room(LARGE)]).toEqual([0, 0]);
    places.leave(first);
    expect([room(SMALL), room(LARGE)]).toEqual([1, 1]);
  });

  test('has no more memory when one leaves that waited: it took none', () => {
    const { places, room, first, second, third } = crowded();
    places.leave(third);
    expect([room(SMALL), room(LARGE)]).toEqual([0, 0]);
    places.leave(second);
    expect([room(SMALL), room(LARGE)]).toEqual([1, 1]);
    expect(places.giveWay(first)).toBeUndefined();
    expect([room(SMALL), room(LARGE)]).toEqual([0, 0]);
  });

  test('has it all when those that waited are the last to leave', () => {
    const { places, room, first, second, third } = crowded();
    places.leave(first);
    places.giveWay(second);
    expect(room(LARGE)).toBe(0);
    places.leave(third);
    places.leave(second);
    expect([room(SMALL), room(LARGE)]).toEqual([1, 1]);
  });

  test('keeps one that waits; each further one makes the newest go, and none goes twice', () => {
    const { places, first, second, third } = crowded();
    expect(places.giveWay(second)).toBe(third);
    expect(places.giveWay(first)).toBe(second);
    places.stay(third);
    expect(places.giveWay(first)).toBe(third);
  });

  test('that dies is followed by one that has room', () => {
    const { places, room } = crowded();
    places.close(seat);
    expect([room(SMALL), places.in(seat)]).toEqual([1, []]);
  });
});
