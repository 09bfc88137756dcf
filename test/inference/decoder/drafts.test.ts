// Guesses: where the same words stood before, the text is taken to go on as it did then.

import { expect, test } from 'vitest';
import { Drafts, NO_GUESS } from '../../../workers/inference/decoder/drafts.ts';

test('a text that repeats is guessed to go on as before, no further than asked and than it is known', () => {
  const drafts = new Drafts([1, 2, 3, 4, 5, 6, 1, 2, 3]);
  expect(drafts.guess(3).tokens).toEqual([4, 5, 6]);
  expect(drafts.guess(1).tokens).toEqual([4]);
  expect(drafts.guess(9).tokens).toEqual([4, 5, 6, 1, 2, 3]);
  expect(drafts.guess(0)).toBe(NO_GUESS);
});

test('what was never seen is not guessed', () => {
  expect(new Drafts([]).guess(3)).toBe(NO_GUESS);
  expect(new Drafts([1, 2, 3]).guess(3)).toBe(NO_GUESS);
});

test('the longest context decides, and of equal ones the last', () => {
  const drafts = new Drafts([1, 2, 3, 4, 9, 3, 5, 8, 2, 3, 6, 1, 2, 3]);
  expect(drafts.guess(1).tokens).toEqual([4]); // after 1 2 3, though 6 came last after 2 3
  drafts.push(7);
  drafts.push(2);
  drafts.push(3);
  expect(drafts.guess(1).tokens).toEqual([7]); // after 2 3, the last time
});

test('tokens that come are learned like those of the prompt', () => {
  const drafts = new Drafts([]);
  for (const token of [70, 80, 90, 70]) drafts.push(token);
  expect(drafts.guess(2).tokens).toEqual([80, 90]);
});

test('belief follows what came of guesses, for each length of context by itself', () => {
  const drafts = new Drafts([1, 2, 3, 4, 1, 2, 3]);
  const before = drafts.guess(3).chance;
  drafts.learn(3, 3);
  const after = drafts.guess(3).chance;
  expect(after).toBeGreaterThan(before);
  drafts.learn(3, 0);
  expect(drafts.guess(3).chance).toBeLessThan(after);
  for (let i = 0; i < 100; i++) drafts.learn(3, 0);
  expect(drafts.guess(3).chance).toBeLessThan(0.01);
  const short = new Drafts([5, 6, 5]);
  expect(short.guess(1).chance).toBeLessThan(before);
});
