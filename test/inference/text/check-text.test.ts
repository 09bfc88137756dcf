// Texts that an engine refuses, and what it says of them.

import { describe, expect, test } from 'vitest';
import { checkText, checkTexts } from '../../../workers/inference/text/check-text.ts';

describe('a text', () => {
  test('may be empty, long, and of any script', () => {
    for (const text of ['', 'naïve 😀 日本語 \u200d\n\t', 'x'.repeat(100_000)]) {
      expect(() => checkText(text, 'prompt')).not.toThrow();
    }
  });

  test.each([
    ['a\0b', 'expected text without NUL as prompt, a NUL character at 1 came'],
    ['ab\ud800', 'expected Unicode as prompt, half a surrogate pair at 2 came'],
    ['😀\udc00x', 'expected Unicode as prompt, half a surrogate pair at 2 came'],
    [null, 'expected a text as prompt, a value of type null came'],
    [7, 'expected a text as prompt, a value of type number came'],
  ])('%j is refused', (text, message) => {
    expect(() => checkText(text, 'prompt')).toThrow(message);
  });
});

describe('a list of texts', () => {
  test.each([
    [[], 'expected at least one text in texts, an empty list came'],
    ['text', 'expected a list of texts as texts, a value of type string came'],
    [['a', null], 'expected a text as texts[1], a value of type null came'],
  ])('%j is refused', (texts, message) => {
    expect(() => checkTexts(texts, 'texts')).toThrow(message);
  });
});
