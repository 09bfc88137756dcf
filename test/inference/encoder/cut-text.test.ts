// Where a text is cut, of readers that give it in pieces.

import { expect, test } from 'vitest';
import { cutText } from '../../../workers/inference/encoder/cut-text.ts';
import type { TokenReader } from '../../../workers/inference/text/token-reader.ts';
import { cutAtOnce } from './cut-at-once.ts';

/** Pieces of so many tokens, with one special before and one after. */
function readerOf(...pieces: readonly number[]): TokenReader {
  return {
    before: [1],
    after: [2],
    *read() {
      for (const tokens of pieces) yield { ids: Array<number>(tokens).fill(7), characters: tokens };
    },
  };
}

const cut = (reader: TokenReader) =>
  cutAtOnce(cutText(reader, { text: 'any', prompt: '', promptIds: [], cut: 'truncate' }, 10));

test.each([
  { pieces: [7], tokens: 9, truncated: false },
  { pieces: [8], tokens: 10, truncated: false },
  { pieces: [8, 1], tokens: 10, truncated: true },
  { pieces: [7, 1], tokens: 10, truncated: false },
  { pieces: [9], tokens: 10, truncated: true },
])('of $pieces tokens $tokens run, and what is left out is told', ({ pieces, tokens, truncated }) => {
  expect(cut(readerOf(...pieces))).toMatchObject({ tokens, truncated });
});
