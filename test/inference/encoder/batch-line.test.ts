// Batches beside each other in one encoder: every one comes to its end, whatever comes after it.

import { expect, test } from 'vitest';
import { Batch } from '../../../workers/inference/encoder/batch.ts';
import { BatchLine } from '../../../workers/inference/encoder/batch-line.ts';

/** So many texts, each a group of its own. */
function batchOf(texts: number, name: string, id?: string): Batch<number> {
  const cut = { sequences: [{ ids: [1, 2, 3], first: 3 }], weights: [1], tokens: 3, truncated: false, refused: false };
  const input = (i: number) => ({
    key: `${name} ${i}`,
    characters: 4,
    *cut() {
      yield 4;
      return cut;
    },
  });
  return new Batch<number>(
    Array.from({ length: texts }, (_, i) => input(i)),
    id === undefined ? [] : Array.from({ length: texts }, () => id),
    1,
  );
}

test('a large one ends while small ones come without end: every fourth turn is its own', async () => {
  const line = new BatchLine<number>(async (group) => group.map(() => 1));
  let ended = 0;
  const add = (batch: Batch<number>) => void line.add(batch).then(() => ended++);
  const large = batchOf(50, 'large');
  add(large);
  let turns = 0;
  for (; large.left > 0 && turns < 1000; turns++) {
    while (line.size < 3) add(batchOf(1, 'small'));
    await line.turn();
  }
  expect(turns).toBeLessThanOrEqual(4 * 50);
  expect((await large.ended.promise).length).toBe(50);
  // The three other turns of four were the small ones'.
  expect(ended).toBeGreaterThanOrEqual(3 * 49);
});

test('a group that takes several turns has them in a row, and none when nobody waits for it', async () => {
  const runs: unknown[] = [];
  // Each takes three turns.
  const line = new BatchLine<number>(async ([sequence]) => {
    runs.push(sequence);
    return runs.length % 3 === 0 ? [runs.length] : undefined;
  });
  const ended = [line.add(batchOf(2, 'first')), line.add(batchOf(1, 'second'))];
  while (line.size > 0) await line.turn();
  // The one with less to do first, and the two of the other after it.
  expect(runs.map((sequence) => runs.indexOf(sequence))).toEqual([0, 0, 0, 3, 3, 3, 3, 3, 3]);
  expect((await Promise.all(ended)).map((batch) => batch.map((input) => input?.results))).toEqual([[[6], [9]], [[3]]]);

  const cancelled = line.add(batchOf(2, 'third', 'third'));
  for (let turn = 0; turn < 2; turn++) await line.turn();
  line.cancel('third');
  await line.turn();
  expect(await cancelled).toEqual([undefined, undefined]);
  expect(runs).toHaveLength(9 + 2);
});
