// A batch on its way: tokens a piece at a time, then groups, without what was cancelled.

import { expect, test } from 'vitest';
import { Batch } from '../../../workers/inference/encoder/batch.ts';

const encode = (text: string) => ({
  ids: Array.from(text.slice(0, 48), (letter) => letter.charCodeAt(0)),
  truncated: false,
});
const texts = Array.from({ length: 60 }, (_, i) => `${i} `.padEnd(1000, 'x'));
const ids = texts.map((_, i) => `id ${i}`);

/** Takes turns until nothing is left; gives how many made tokens only, and how many texts ran. */
async function run(batch: Batch): Promise<{ tokenTurns: number; ran: number }> {
  const counts = { tokenTurns: 0, ran: 0 };
  while (batch.left > 0) {
    if (!batch.encode(encode)) counts.tokenTurns++;
    await batch.runGroup(async (group) => {
      counts.ran += group.length;
      return group.map((tokens) => Float32Array.from(tokens));
    });
  }
  return counts;
}

test('many characters become tokens in several turns, a few in the turn of the first group', async () => {
  expect(await run(new Batch(texts, ids, 64))).toEqual({ tokenTurns: 3, ran: 60 });
  expect(await run(new Batch(['a', 'b', 'a'], [], 64))).toEqual({ tokenTurns: 0, ran: 2 });
});

test('what is cancelled before its tokens are made does not run', async () => {
  const batch = new Batch(texts, ids, 64);
  expect(batch.encode(encode)).toBe(false);
  for (const id of ids.slice(1, 59)) batch.cancel(id);
  expect((await run(batch)).ran).toBe(2);
  const { vectors, cancelled } = batch.output();
  expect(vectors.map(({ length }) => length)).toEqual([48, ...Array(58).fill(0), 48]);
  expect(cancelled).toEqual([false, ...Array(58).fill(true), false]);
});

test('all cancelled leaves nothing, and has an answer', () => {
  const batch = new Batch(['a', 'b'], ['both', 'both'], 64);
  batch.cancel('nobody');
  expect(batch.left).toBe(1);
  batch.cancel('both');
  expect(batch.left).toBe(0);
  expect(batch.output()).toMatchObject({ tokens: [0, 0], cancelled: [true, true] });
});

test('a text that two have asked for runs as long as one of them waits', async () => {
  const batch = new Batch(['same', 'same'], ['one', 'two'], 64);
  batch.cancel('one');
  expect((await run(batch)).ran).toBe(1);
  expect(batch.output().vectors.map(({ length }) => length)).toEqual([0, 4]);
});
