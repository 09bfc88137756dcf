// A batch on its way: tokens a piece at a time, then groups, without what was cancelled.

import { expect, test } from 'vitest';
import { Batch, type BatchInput } from '../../../workers/inference/encoder/batch.ts';

/** A letter is a token; 48 of them are a part, and no text has more parts than `most`. */
const inputs = (texts: readonly string[], most = 1): BatchInput[] =>
  texts.map((text) => ({
    key: text,
    characters: text.length,
    *cut() {
      for (let at = 0; at < text.length; at += 250) yield Math.min(250, text.length - at);
      const parts = Array.from({ length: Math.min(most, Math.ceil(text.length / 48)) }, (_, i) =>
        Array.from(text.slice(48 * i, 48 * i + 48), (letter) => letter.charCodeAt(0)),
      );
      const sequences = parts.map((ids) => ({ ids, first: ids.length }));
      return { sequences, weights: [], tokens: text.length, truncated: false, refused: parts.length === 0 };
    },
  }));
const texts = Array.from({ length: 60 }, (_, i) => `${i} `.padEnd(1000, 'x'));
const ids = texts.map((_, i) => `id ${i}`);

/** Takes turns until nothing is left; gives how many made tokens only, and how many sequences ran. */
async function run(batch: Batch<string>): Promise<{ tokenTurns: number; ran: number }> {
  const counts = { tokenTurns: 0, ran: 0 };
  while (batch.left > 0) {
    if (!batch.encode()) counts.tokenTurns++;
    await batch.runGroup(async (group) => {
      counts.ran += group.length;
      return group.map(({ ids }) => String.fromCharCode(...ids));
    });
  }
  return counts;
}

test('many characters become tokens in several turns, also those of one text; a few in the turn of the first group', async () => {
  expect(await run(new Batch<string>(inputs(texts), ids, 64))).toEqual({ tokenTurns: 3, ran: 60 });
  expect(await run(new Batch<string>(inputs(['y'.repeat(60_000)]), [], 64))).toEqual({ tokenTurns: 3, ran: 1 });
  expect(await run(new Batch<string>(inputs(['a', 'b', 'a']), [], 64))).toEqual({ tokenTurns: 0, ran: 2 });
});

test('the parts of a text come in their order, whatever the order that they ran in', async () => {
  const long = `${'a'.repeat(48)}${'b'.repeat(48)}c`;
  const batch = new Batch<string>(inputs([long, 'd', long, ''], 9), [], 64);
  expect((await run(batch)).ran).toBe(4);
  const results = batch.output().map((ran) => ran!.results);
  expect(results[0]).toEqual(['a'.repeat(48), 'b'.repeat(48), 'c']);
  expect(results.slice(1)).toEqual([['d'], results[0], []]);
});

test('what is cancelled before its tokens are made does not run', async () => {
  const batch = new Batch<string>(inputs(texts), ids, 64);
  expect(batch.encode()).toBe(false);
  for (const id of ids.slice(1, 59)) batch.cancel(id);
  expect((await run(batch)).ran).toBe(2);
  expect(batch.output().map((ran) => ran?.results.length)).toEqual([1, ...Array(58).fill(undefined), 1]);
});

test('all cancelled leaves nothing, and has an answer', () => {
  const batch = new Batch<string>(inputs(['a', 'b']), ['both', 'both'], 64);
  batch.cancel('nobody');
  expect(batch.left).toBe(1);
  batch.cancel('both');
  expect(batch.left).toBe(0);
  expect(batch.output()).toEqual([undefined, undefined]);
});

test('a text that two have asked for runs as long as one of them waits', async () => {
  const batch = new Batch<string>(inputs(['same', 'same']), ['one', 'two'], 64);
  batch.cancel('one');
  expect((await run(batch)).ran).toBe(1);
  expect(batch.output().map((ran) => ran?.results)).toEqual([undefined, ['same']]);
});
