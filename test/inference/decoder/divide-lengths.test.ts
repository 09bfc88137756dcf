// How sequences of different lengths are divided among runs: as cheaply as can be, within memory, and without moving them about.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divide, type Group, mayJoin, regroup, tokensOf } from '../../../workers/inference/decoder/divide-lengths.ts';

const times = (count: number, width: number) => Array.from({ length: count }, () => width);
const widthsOf = (groups: readonly Group[] | undefined) => groups?.map(({ members, width }) => [members.length, width]);

/** What a step of the default model takes, in ms. */
function timeOf(groups: readonly Group[]): number {
  const slots = groups.reduce((sum, { members }) => sum + members.length, 0);
  return 13.4 * groups.length + 0.8 * slots + 0.0062 * tokensOf(groups);
}

/** Every way to divide so many sequences. */
function everyDivision(count: number): number[][][] {
  if (count === 0) return [[]];
  return everyDivision(count - 1).flatMap((groups) => [
    ...groups.map((group, i) => groups.with(i, [...group, count - 1])),
    [...groups, [count - 1]],
  ]);
}

const toGroups = (division: readonly (readonly number[])[], widths: readonly number[]): Group[] =>
  division.map((members) => ({ members, width: Math.max(...members.map((member) => widths[member]!)) }));

const anyWidths = (most: number) =>
  fc.array(
    fc.integer({ min: 1, max: 30 }).map((blocks) => blocks * 64),
    { minLength: 1, maxLength: most },
  );
const anyBudget = fc.integer({ min: 8, max: 100 }).map((blocks) => blocks * 64);

test('a run more only where it saves more than it costs, or where memory is short', () => {
  expect(widthsOf(divide([...times(7, 128), 1536], 20_000))).toEqual([
    [7, 128],
    [1, 1536],
  ]);
  expect(widthsOf(divide([...times(7, 128), 384], 20_000))).toEqual([[8, 384]]);
  expect(widthsOf(divide([...times(4, 128), 1536], 2048))).toEqual([
    [4, 128],
    [1, 1536],
  ]);
  expect(widthsOf(divide(times(8, 256), 2048))).toEqual([[8, 256]]);
  expect(divide(times(2, 1088), 2048)).toBeUndefined();
  expect(divide([], 2048)).toEqual([]);
});

test('no other division is cheaper within the budget; there is none only where even a run for each takes more', () => {
  fc.assert(
    fc.property(anyWidths(6), anyBudget, (widths, budget) => {
      const groups = divide(widths, budget);
      const fitting = everyDivision(widths.length)
        .map((division) => toGroups(division, widths))
        .filter((each) => tokensOf(each) <= budget);
      expect(groups === undefined).toBe(fitting.length === 0);
      if (!groups) return;
      expect(tokensOf(groups)).toBeLessThanOrEqual(budget);
      // The constants are those times, rounded.
      expect(timeOf(groups)).toBeLessThanOrEqual(Math.min(...fitting.map(timeOf)) + 0.1);
    }),
  );
});

test('everybody is in one group that is wide enough, within the budget, and staying changes nothing', () => {
  fc.assert(
    fc.property(anyWidths(8), anyBudget, fc.nat(8), (widths, budget, known) => {
      const present = regroup([], widths.slice(0, known), budget) ?? [];
      const groups = regroup(present, widths, budget);
      expect(groups === undefined).toBe(divide(widths, budget) === undefined);
      if (!groups) return;
      expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...widths.keys()]);
      for (const { members, width } of groups) {
        for (const member of members) expect(widths[member]).toBeLessThanOrEqual(width);
      }
      expect(tokensOf(groups)).toBeLessThanOrEqual(budget);
      expect(timeOf(groups)).toBeLessThanOrEqual(timeOf(divide(widths, budget)!) + 3.5);
      expect(regroup(groups, widths, budget)).toEqual(groups);
    }),
  );
});

test('one that grows by a block leaves the others where they are', () => {
  const widths = [...times(4, 128), 1280];
  const groups = regroup([], widths, 2048)!;
  expect(regroup(groups, widths.with(4, 1344), 2048)!.map(({ members }) => members)).toEqual([[0, 1, 2, 3], [4]]);
  expect(regroup(groups, widths.with(0, 192), 2048)!.map(({ members }) => members)).toEqual([[0, 1, 2, 3], [4]]);
});

test('a group that is far wider than its members need becomes narrow again', () => {
  expect(widthsOf(regroup([{ members: [0, 1], width: 1024 }], [128, 128], 2048))).toEqual([[2, 128]]);
  expect(widthsOf(regroup([{ members: [0, 1], width: 192 }], [128, 128], 2048))).toEqual([[2, 192]]);
});

test('short ones may run beside a long one, and a long one beside short ones', () => {
  expect(mayJoin([1536], 128, 2048)).toBe(true);
  expect(mayJoin([1536, 128, 128, 128], 128, 2048)).toBe(true);
  expect(mayJoin(times(4, 128), 1536, 2048)).toBe(true);
  expect(mayJoin([704], 1280, 2048)).toBe(true);
  expect(mayJoin([1536, ...times(4, 128)], 128, 2048)).toBe(false);
});

test('one of middle length waits where it would make the others slower for a run of its own', () => {
  expect(mayJoin([640, 512, 256], 384, 2048)).toBe(false);
  expect(mayJoin([640, 512], 256, 2048)).toBe(true);
});

test('what fits into one run may always join', () => {
  fc.assert(
    fc.property(anyWidths(8), anyBudget, (widths, budget) => {
      fc.pre(widths.length * Math.max(...widths) <= budget);
      expect(mayJoin(widths.slice(1), widths[0]!, budget)).toBe(true);
    }),
  );
});
