// Threads of a run: no more than products of attention can be dealt to whole.

import { expect, test } from 'vitest';
import { threadsOf } from '../../workers/inference/run-threads.ts';
import { ECHO_EMBEDDING_MODEL, ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';

test('a decoder has as many as heads of keys and values, an encoder as heads, at most', () => {
  const decoder = ECHO_TEXT_MODEL.description; // 9 heads share 3 of keys and values
  expect([1, 2, 3, 4, 64].map((wanted) => threadsOf(decoder, wanted))).toEqual([1, 2, 3, 3, 3]);
  const encoder = ECHO_EMBEDDING_MODEL.description; // of one head
  expect([1, 2].map((wanted) => threadsOf(encoder, wanted))).toEqual([1, 1]);
});

test('a graph that came ready made has one, whatever is wanted', () => {
  const graph = { mask: true, types: false, output: 'logits' };
  const shape = { architecture: 'onnx-cross-encoder', vocabulary: 100, maxTokens: 64, graph } as const;
  expect(threadsOf({ ...ECHO_EMBEDDING_MODEL.description, shape }, 8)).toBe(1);
});
