// A bound on the tokens of a text: never above their true number, and near enough to refuse what is far too long.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { bytesOfTokens } from '../../../workers/inference/text/byte-tokens.ts';
import { fewestTokens } from '../../../workers/inference/text/fewest-tokens.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const files = await readTokenizer(await tiny.text('nb8'));
const fewest = fewestTokens(files.tokenizer.get_vocab().size, bytesOfTokens(files))!;
const utf8 = new TextEncoder();

test('no text has fewer tokens, also one with bytes that the vocabulary lacks', () => {
  const part = fc.constantFrom('the', ' the', 'and', ' a', 'in', 'ing', 'er', 'x', '.', '\n', 'A', 'é', '<|im_end|>');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join('');
      const { ids } = files.tokenizer.encode(text.replaceAll('<|im_end|>', ''), { add_special_tokens: false });
      expect(fewest(text.replaceAll('<|im_end|>', ''))).toBeLessThanOrEqual(ids.length);
    }),
  );
});

test('a long text is counted from its bytes', () => {
  expect(fewest('')).toBe(0);
  expect(fewest('a')).toBe(1);
  expect(fewest('qx'.repeat(3000))).toBe(2000);
  expect(fewest(' the'.repeat(3000))).toBe(3000);
});

test('nothing is said of a vocabulary with a byte that is only part of longer tokens', () => {
  const tokens = ['a', 'b', 'ac'].map((token) => utf8.encode(token));
  expect(fewestTokens(3, (id) => tokens[id]!)).toBeUndefined();
});
