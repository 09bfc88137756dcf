// What is undecided over some text is measured over four times as much; what is decided is not.

import { afterAll, expect, test } from 'vitest';
import { type ForeseeingOptions, textQualities } from '../../../workers/inference/measure/text-qualities.ts';
import { verdictOf } from '../../../workers/inference/measure/verdict.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const TEXT = 'the ring and the inn and then a ring on bread '.repeat(120);

async function measured(tokens: number, text: string) {
  const folders = [await tiny.text('nb8'), await tiny.text('nb4'), await tiny.text('fp32')];
  const steps: number[] = [];
  let done = 0;
  const options: ForeseeingOptions = { text, tokens, onStep: () => done++, onMore: (more) => steps.push(more) };
  const qualities = await textQualities(folders, options);
  expect(done).toBe(steps.reduce((sum, more) => sum + more));
  const figures = [...qualities].map(([format, quality]) => [format, quality.tokens, verdictOf(quality)]);
  return { steps, figures };
}

test('what is undecided is measured again, over more of it', async () => {
  const { steps, figures } = await measured(520, TEXT);
  expect(steps).toEqual([3, 2]);
  // Nine windows of 256 tokens, the first of each of which is read only. Over 517 nb4 had 4.4 % more, −7 to 17.
  expect(figures).toEqual([
    ['nb8', 517, 'met'],
    ['nb4', 2071, 'missed'],
    ['fp32', 2071, 'met'],
  ]);
});

test.each(['', 'the ring'])('refused where there is none to speak of: %j', async (text) => {
  await expect(measured(520, text)).rejects.toMatchObject({
    name: 'InvalidOption',
    message: expect.stringMatching(/^expected a text of at least 64 tokens to measure \S+, \d came$/),
  });
});

test('not where the text has ended', async () => {
  const { steps, figures } = await measured(520, TEXT.slice(0, 160));
  expect(steps).toEqual([3]);
  expect(figures.slice(0, 2)).toEqual([
    ['nb8', 95, 'undecided'],
    ['nb4', 95, 'undecided'],
  ]);
});
