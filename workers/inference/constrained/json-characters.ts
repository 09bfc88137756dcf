// The bytes of one character inside a JSON string: each character can be written in one way only, as JSON.stringify does.

/** Between two characters. */
export const BETWEEN = 0;
export const NO_WAY = 0xff;
export const QUOTE = 0x22;

const ESCAPE = 1; // after a backslash
const U = 2; // after \u, then \u0, \u00
const U0 = 3;
const U00 = 4;
const U000 = 5;
const U001 = 6;
const ONE_MORE = 7; // bytes of UTF-8 that are missing
const TWO_MORE = 8;
const THREE_MORE = 9;
const AFTER_E0 = 10; // no longer form of a character that has a shorter one
const AFTER_ED = 11; // no surrogates
const AFTER_F0 = 12;
const AFTER_F4 = 13; // nothing above U+10FFFF

/** How many bytes are missing to the end of the character. */
export const MISSING = [0, 1, 4, 3, 2, 1, 1, 1, 2, 3, 2, 2, 3, 3] as const;
/** The shortest, and of those the least, bytes to the end of the character, as Latin-1. */
export const SHORTEST_REST = [
  '',
  '"',
  '0001',
  '001',
  '01',
  '1',
  '0',
  '\x80',
  '\x80\x80',
  '\x80\x80\x80',
  '\xa0\x80',
  '\x80\x80',
  '\x90\x80\x80',
  '\x80\x80\x80',
] as const;
export const CHARACTER_STATES = MISSING.length;

/** State × 256 + byte → state; NO_WAY where there is none. The closing quote is no character. */
export const CHARACTER_TABLE = (() => {
  const table = new Uint8Array(CHARACTER_STATES * 256).fill(NO_WAY);
  const way = (from: number, low: number, high: number, to: number) =>
    table.fill(to, from * 256 + low, from * 256 + high + 1);
  const letters = (from: number, text: string, to: number) => {
    for (const letter of text) way(from, letter.charCodeAt(0), letter.charCodeAt(0), to);
  };
  way(BETWEEN, 0x20, 0x7f, BETWEEN);
  letters(BETWEEN, '"', NO_WAY);
  letters(BETWEEN, '\\', ESCAPE);
  letters(ESCAPE, '"\\bfnrt', BETWEEN);
  letters(ESCAPE, 'u', U);
  letters(U, '0', U0);
  letters(U0, '0', U00);
  letters(U00, '0', U000);
  letters(U00, '1', U001);
  letters(U000, '1234567bef', BETWEEN); // \b, \t, \n, \f, \r have shorter forms, U+0000 is none of ours
  letters(U001, '0123456789abcdef', BETWEEN);
  way(BETWEEN, 0xc2, 0xdf, ONE_MORE);
  way(BETWEEN, 0xe0, 0xef, TWO_MORE);
  way(BETWEEN, 0xe0, 0xe0, AFTER_E0);
  way(BETWEEN, 0xed, 0xed, AFTER_ED);
  way(BETWEEN, 0xf0, 0xf4, THREE_MORE);
  way(BETWEEN, 0xf0, 0xf0, AFTER_F0);
  way(BETWEEN, 0xf4, 0xf4, AFTER_F4);
  way(ONE_MORE, 0x80, 0xbf, BETWEEN);
  way(TWO_MORE, 0x80, 0xbf, ONE_MORE);
  way(THREE_MORE, 0x80, 0xbf, TWO_MORE);
  way(AFTER_E0, 0xa0, 0xbf, ONE_MORE);
  way(AFTER_ED, 0x80, 0x9f, ONE_MORE);
  way(AFTER_F0, 0x90, 0xbf, TWO_MORE);
  way(AFTER_F4, 0x80, 0x8f, TWO_MORE);
  return table;
})();
