// Batches beside each other in one encoder: every one comes to its end, whatever comes after it.

import { expect, test } from 'vitest';
import { Batch } from '../../../workers/inference/encoder/batch.ts';
import { BatchLine } from '../../../workers/inference/encoder/batch-line.ts';

/** So many texts, each a group of its own. */
function batchOf(texts: number, name: string): Batch<number> {
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
    [],
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
