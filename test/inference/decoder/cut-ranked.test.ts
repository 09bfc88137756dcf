// Long texts become tokens in pieces, which are those of the whole text in every way of cutting a text into words.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KNOWN_PRE_TOKENIZERS } from '../../../workers/inference/convert/tokenizer/pre-tokenizers.ts';
import { piecesOf } from '../../../workers/inference/decoder/cut-ranked.ts';
import { plainTokenizer } from '../../../workers/inference/text/plain-tokenizer.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { tinyDecoder } from '../convert/tiny-decoder.ts';
import { convertTiny, rankingSource } from '../convert/tiny-source.ts';

const WORDS = [
  'the',
  'ing',
  ' ',
  '  ',
  '\n',
  "'s",
  "n't",
  '7',
  '12',
  '.',
  '?!',
  'é',
  'e\u0301',
  '漢字',
  'ٱ',
  'and',
  'a',
  '😀',
];

test.for(KNOWN_PRE_TOKENIZERS)('of %s', async (pre) => {
  const { bytes } = tinyDecoder('llama', 1, { answers: true, metadata: { 'tokenizer.ggml.pre': pre } });
  const plain = plainTokenizer(await readTokenizer(await convertTiny(rankingSource(bytes), 'nb8')));
  const idsOf = (text: string): number[] => plain.encode(text, { add_special_tokens: false }).ids;
  const words = fc.array(fc.constantFrom(...WORDS), { minLength: 30, maxLength: 60 });
  let cut = 0;
  fc.assert(
    fc.property(words, fc.constantFrom('', ' ', ' '), fc.integer({ min: 1, max: 6 }), (some, between, length) => {
      const text = some.join(between);
      const pieces = [...piecesOf(text, length)];
      expect(pieces.join('')).toBe(text);
      expect(pieces.flatMap(idsOf)).toEqual(idsOf(text));
      cut += pieces.length - 1;
    }),
    { numRuns: 150 },
  );
  expect(cut).toBeGreaterThan(100);
});
