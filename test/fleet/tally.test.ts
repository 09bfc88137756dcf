// What counts as a request and as an error of an engine.

import { expect, test } from 'vitest';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import type { Seat } from '../../workers/fleet/seat.ts';
import { Tally } from '../../workers/fleet/tally.ts';
import type { Ending } from '../../workers/handlers/handler.ts';
import { claimed } from './support/parts.ts';

const ENDINGS: readonly (readonly [ending: Ending, isError: boolean])[] = [
  [{ outcome: 'completed', result: 'a' }, false],
  [{ outcome: 'retry', error: 'EngineDied: it ended' }, true],
  [{ outcome: 'failed', error: 'RunFailed: onnxruntime cannot run it' }, true],
  [{ outcome: 'failed', error: 'NotFinite: no number' }, true],
  [{ outcome: 'failed', error: 'InvalidInput: expected another pattern' }, false],
  [{ outcome: 'failed', error: 'EngineTooSmall: expected a shorter prompt' }, false],
];

test('what ends in an engine is counted there once, and what is wrong with a request is no error of it', () => {
  const held = new HeldRequests();
  const [its, other] = [{} as Seat, {} as Seat];
  for (const [ending, isError] of ENDINGS) {
    const tally = new Tally();
    const request = held.add(claimed());
    tally.end(request, ending);
    tally.begin(request, its);
    tally.end(request, ending);
    tally.end(request, ending);
    expect(tally.of(its), ending.error).toMatchObject({ requests: 1, errors: isError ? 1 : 0 });
    expect(tally.of(other)).toEqual({ requests: 0, errors: 0, meanMs: null, idleMs: null });
  }
});

test('what was lost or handed back counts nowhere', () => {
  const tally = new Tally();
  const seat = {} as Seat;
  const request = new HeldRequests().add(claimed());
  tally.begin(request, seat);
  tally.drop([request]);
  tally.end(request, { outcome: 'retry', error: 'late' });
  expect(tally.of(seat).requests).toBe(0);
});
