// A text that is cut for an encoder: only its beginning is encoded, and its ids are those of the whole, cut.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { cutText } from '../../../workers/inference/encoder/cut-text.ts';
import { tokenReader } from '../../../workers/inference/text/token-reader.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { cutAtOnce } from '../encoder/cut-at-once.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

test('the ids of any text are the first of the whole', async () => {
  const files = await readTokenizer(await tiny.embedding('nb8'));
  const part = fc.constantFrom(
    'ab',
    ' ',
    '  ',
    '\n',
    '.',
    'É',
    '\u0301',
    ' \u0301',
    'ΑΣ',
    '漢',
    'x'.repeat(101),
    '😀',
    '\u200d',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.integer({ min: 3, max: 12 }), (parts, most) => {
      const text = parts.join('');
      const whole = files.tokenizer.encode(text, { add_special_tokens: false }).ids;
      const input = { text, prompt: '', promptIds: [], cut: 'truncate' } as const;
      const { sequences, truncated } = cutAtOnce(cutText(tokenReader(files, 8 * most), input, most));
      expect(sequences[0]!.ids.slice(1, -1)).toEqual([...whole.slice(0, most - 2)]);
      expect(truncated).toBe(whole.length > most - 2);
    }),
    { numRuns: 500 },
  );
});
