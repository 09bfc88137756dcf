// Which models make room: the least recently used, those without work first, and none is cut off or kept for ever.

import { expect, test } from 'vitest';
import { type OpenModel, restsUntil, staysUntil, switchFor } from '../../workers/inference/model-switch.ts';

interface Named extends OpenModel {
  readonly name: string;
}

let used = 0;
function model(name: string, bytes: number, given: Partial<OpenModel> = {}): Named {
  return { name, bytes, running: 0, lastUsed: used++, staysUntil: 0, restsUntil: 0, ...given };
}

function names(models: readonly Named[]): string[] {
  return models.map(({ name }) => name);
}

function asked(bytes: number, open: readonly Named[], limit: number, now = 0) {
  const { close, leaving, waitMs } = switchFor(bytes, open, limit, now);
  return [names(close), names(leaving), waitMs];
}

test('where there is room nobody goes, nor where there is no limit', () => {
  const open = [model('a', 40), model('b', 40, { running: 1 })];
  expect(asked(20, open, 100)).toEqual([[], [], undefined]);
  expect(asked(1e12, open, Number.POSITIVE_INFINITY)).toEqual([[], [], undefined]);
});

test('those used least recently go, and no more than have to', () => {
  const [a, b, c] = [model('a', 30), model('b', 30), model('c', 30)];
  expect(asked(30, [c, b, a], 100)).toEqual([['a'], [], undefined]);
  expect(asked(60, [c, b, a], 100)).toEqual([['a', 'b'], [], undefined]);
  const again = { ...a, lastUsed: used++ };
  expect(asked(30, [c, b, again], 100)).toEqual([['b'], [], undefined]);
});

test('one with work goes after those without, gets no new work, and is not closed before its end', () => {
  const open = [model('busy', 50, { running: 2 }), model('idle', 30)];
  expect(asked(40, open, 100)).toEqual([['idle'], [], undefined]);
  expect(asked(60, open, 100)).toEqual([[], ['busy'], undefined]);
  expect(asked(60, [{ ...open[0]!, running: 0 }, open[1]!], 100)).toEqual([['busy'], [], undefined]);
});

test('one with work has taken it for four times as long as it took to open', () => {
  const until = staysUntil(1000, 250);
  const open = [model('new', 60, { running: 1, staysUntil: until })];
  expect(asked(60, open, 100, 1200)).toEqual([[], [], 800]);
  expect(asked(60, open, 100, until)).toEqual([[], ['new'], undefined]);
  expect(asked(60, [{ ...open[0]!, running: 0 }], 100, 1200)).toEqual([['new'], [], undefined]);
});

test('one that has ended its work a moment ago is waited for, no longer than it stays with work', () => {
  const resting = (until: number) => [
    model('new', 30, { restsUntil: restsUntil(1200, 400), staysUntil: until }),
    model('old', 30),
  ];
  expect(asked(100, resting(5000), 100, 1250)).toEqual([[], [], 50]);
  expect(asked(100, resting(1260), 100, 1250)).toEqual([[], [], 10]);
  expect(asked(100, resting(5000), 100, 1300)).toEqual([['new', 'old'], [], undefined]);
  const older = model('older', 30, { lastUsed: -1 });
  expect(asked(30, [older, ...resting(5000)], 100, 1250)).toEqual([['older'], [], undefined]);
});

test('where even all leave too little room, as when one has grown by more than was estimated, all go', () => {
  expect(asked(120, [model('a', 10), model('b', 10)], 100)).toEqual([['a', 'b'], [], undefined]);
});
