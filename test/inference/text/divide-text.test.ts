import { describe, expect, test } from 'vitest';
import { divideText, estimatedTokens, sentences } from '../../../workers/inference/text/divide-text.ts';

/** A word is a token. */
const words = (piece: string) => piece.split(/\s+/).filter((word) => word !== '').length;
const letters = (piece: string) => piece.length;
const divide = (text: string, most: number, count = words) => divideText(text, most, count);

describe('what divides a text', () => {
  test.each([
    ['One two. Three four.', ['One two. ', 'Three four.']],
    ['Really? "Yes!" he said. Then no.', ['Really? ', '"Yes!" he said. ', 'Then no.']],
    [
      'It rained, e.g. in May, on 3.5 days. Dr. Smith and J. Doe left.',
      ['It rained, e.g. in May, on 3.5 days. ', 'Dr. Smith and J. Doe left.'],
    ],
    ['A line that was\nbroken. A heading\n\nText', ['A line that was\nbroken. ', 'A heading\n\n', 'Text']],
    ['これは文です。次の文。', ['これは文です。', '次の文。']],
    ['1. First\n2. Second', ['1. First\n', '2. Second']],
    ['', []],
  ])('%j', (text, expected) => {
    expect([...sentences(text)].map((sentence) => sentence.text)).toEqual(expected);
  });

  test('a paragraph counts more than a line, and a line more than a sentence', () => {
    const borders = [...sentences('A b. C d.\nE f.\n\nG h')].map(({ border }) => border);
    expect(borders).toEqual([0, 1, 2, 2]);
  });
});

describe('parts', () => {
  test('a text that fits is one', async () => {
    expect(await divide('a b c. D e.', 5)).toEqual(['a b c. D e.']);
  });

  test('end with a paragraph where one ends in their second half', async () => {
    const text = 'A b c d e f.\n\nF g h. I j k l. M n. O p q r s.';
    expect(await divide(text, 11)).toEqual(['A b c d e f.\n\n', 'F g h. I j k l. ', 'M n. O p q r s.']);
  });

  test('are about equally long: the last one is no scrap', async () => {
    const parts = await divide('Aa bb cc dd. '.repeat(26), 100);
    expect(parts.map(words)).toEqual([60, 44]);
  });

  test.each([
    ['a sentence without an end', 'word '.repeat(3000), words, 100],
    ['a word without an end', 'x'.repeat(10_000), letters, 300],
    ['one of characters of several units', '\u{1F600}'.repeat(500), letters, 7],
    ['lines', 'some words of a line\n'.repeat(300), words, 50],
    ['white space', '\n \n'.repeat(2000), letters, 100],
  ])('%s has parts that fit, and together are the text', async (_, text, count, most) => {
    const parts = await divide(text, most, count);
    expect(parts.join('')).toBe(text);
    expect(Math.max(...parts.map(count))).toBeLessThanOrEqual(most);
    expect(parts.every((part) => part.isWellFormed())).toBe(true);
    expect(await divide(text, most, count)).toEqual(parts);
  });

  test('a character that alone has too many tokens is a part', async () => {
    expect(await divide('ab', 1, (piece) => 3 * piece.length)).toEqual(['a', 'b']);
  });

  test('others have their turn while a long text is counted', async () => {
    let turns = 0;
    const count = () => {
      setImmediate(() => turns++);
      return 1;
    };
    await divide('Some words of a sentence. '.repeat(10_000), 100, count);
    expect(turns).toBeGreaterThan(10);
  });
});

test('tokens are estimated by characters, and by octets of those that have several', () => {
  expect([estimatedTokens('12345678'), estimatedTokens('日本'), estimatedTokens('')]).toEqual([2, 5, 0]);
});
