// Who comes next: the first that may, but nobody waits for ever.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { MOST_PASSED, WaitingLine } from '../../../workers/inference/decoder/waiting-line.ts';

function generation(promptTokens: number): Generation {
  const prompt = Array.from({ length: promptTokens }, () => 1);
  const input = { id: '', model: 'm', prompt: '', maxTokens: 1, stop: [], temperature: 0, seed: 0 };
  return new Generation({ input, prompt, limit: 1, endTokens: [], bytesOf: () => new Uint8Array(0) });
}

function lineOf(...lengths: readonly number[]) {
  const line = new WaitingLine();
  const all = lengths.map(generation);
  for (const each of all) line.add(each);
  return { line, all };
}

const shorterThan = (tokens: number) => (each: Generation) => each.plan.prompt.length < tokens;

test('the first comes, where it may', () => {
  const { line, all } = lineOf(9, 5);
  expect(line.take(() => true)).toBe(all[0]);
  expect(line.take(() => false)).toBeUndefined();
  expect(line.generations).toEqual([all[1]]);
});

test('where it has no room yet, the next that is shorter comes', () => {
  const { line, all } = lineOf(100, 120, 50, 7);
  expect(line.take((each) => each !== all[0])).toBe(all[2]);
  expect(line.take(shorterThan(60))).toBe(all[3]);
  expect(line.take((each) => each !== all[0])).toBeUndefined();
  expect(line.generations).toEqual([all[0], all[1]]);
});

test('one is passed so often and no more, wherever it stands', () => {
  const { line, all } = lineOf(100, 90, ...Array.from({ length: MOST_PASSED + 2 }, () => 5));
  const taken = Array.from({ length: MOST_PASSED + 2 }, () => line.take(shorterThan(60)));
  expect(taken).toEqual([...all.slice(2, 2 + MOST_PASSED), undefined, undefined]);
  expect(line.take(() => true)).toBe(all[0]);
  expect(line.take(shorterThan(60))).toBeUndefined();
  expect(line.take(() => true)).toBe(all[1]);
  expect(line.take(shorterThan(60))).toBe(all.at(-2));
});

test('one that has to wait for something else is not passed by those who come meanwhile', () => {
  const { line, all } = lineOf(100, 90, ...Array.from({ length: MOST_PASSED + 2 }, () => 5));
  const isPassed = (each: Generation) => each === all[1];
  const taken = Array.from({ length: MOST_PASSED + 2 }, () => line.take(shorterThan(60), isPassed));
  expect(taken).toEqual([...all.slice(2, 2 + MOST_PASSED), undefined, undefined]);
  line.remove(all[1]!);
  expect(line.take(shorterThan(60), isPassed)).toBe(all.at(-2));
});

test('a longer one does not wait for one that has to wait for something else', () => {
  const { line, all } = lineOf(10, 20);
  const mayCome = (each: Generation) => each !== all[0];
  expect(line.take(mayCome)).toBeUndefined();
  expect(line.take(mayCome, mayCome)).toBe(all[1]);
});

test('one that gave way is passed by nobody', () => {
  const { line } = lineOf(5);
  const again = generation(100);
  line.addAgain(again);
  expect(line.take(shorterThan(60))).toBeUndefined();
  line.remove(again);
  expect(line.take(shorterThan(60))).toBeDefined();
});

test('whatever comes and whoever may, nobody is passed more often, and only by shorter ones', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ length: fc.integer({ min: 1, max: 20 }), room: fc.nat(20) })), (arrivals) => {
      const line = new WaitingLine();
      const order: Generation[] = [];
      const passed = new Map<Generation, number>();
      for (const { length, room } of arrivals) {
        const each = generation(length);
        order.push(each);
        line.add(each);
        const before = [...line.generations];
        const taken = line.take(({ plan }) => plan.prompt.length <= room);
        if (!taken) continue;
        for (const other of before.slice(0, before.indexOf(taken))) {
          passed.set(other, (passed.get(other) ?? 0) + 1);
          expect(taken.plan.prompt.length).toBeLessThan(other.plan.prompt.length);
        }
      }
      for (const count of passed.values()) expect(count).toBeLessThanOrEqual(MOST_PASSED);
      expect(line.generations).toEqual(order.filter((each) => line.generations.includes(each)));
    }),
  );
});
