// What tokens cost a text model, against logits of its graph that were run in another way.

import { afterAll, expect, test } from 'vitest';
import { foresee } from '../../../workers/inference/measure/foresee.ts';
import { foreseeInChild } from '../../../workers/inference/measure/foresee-in-child.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { NO_PAST, openGraph, rowsOf, stepDecoder } from '../convert/run-graph.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const TEXT = 'the ring and the inn and then a ring on bread '.repeat(12);

test('is the sum over each window of what follows, whatever chunks it is read in', async () => {
  const folder = await tiny.text('fp32');
  const { tokenizer } = await readTokenizer(folder);
  const ids: number[] = [...tokenizer.encode(TEXT, { add_special_tokens: false }).ids].slice(0, 190);
  expect(ids).toHaveLength(190);
  const graph = await openGraph(folder);
  const expected: { loss: number; tokens: number }[] = [];
  for (let from = 0; from < ids.length; from += 100) {
    const window = ids.slice(from, from + 100);
    const step = [{ ids: window, past: NO_PAST }];
    const { logits } = await stepDecoder(graph, folder.description.shape as DecoderShape, step);
    const losses = rowsOf(logits)
      .slice(0, -1)
      .map((row, i) => Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[window[i + 1]!]!);
    expected.push({ loss: losses.reduce((sum, loss) => sum + loss), tokens: window.length - 1 });
  }
  const found = await foresee(folder, TEXT, { tokens: 190, window: 100 });
  expect(found.map(({ tokens }) => tokens)).toEqual([99, 89]);
  for (const [i, { loss }] of found.entries()) expect(loss).toBeCloseTo(expected[i]!.loss, 2);
  expect(await foreseeInChild({ folder, text: TEXT, options: { tokens: 190, window: 100 } })).toEqual(found);
});

test('a process that is ended in the middle is told as ended', async () => {
  const task = { folder: await tiny.text('fp32'), text: TEXT, options: {} };
  const stop = new AbortController();
  const ended = foreseeInChild(task, stop.signal);
  stop.abort();
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
});
