// Escapes of a pattern: one character, a class like \d, or a property like \p{Letter}.

import { ANY, type CodePoints, intersect, invert, unicodeProperty, unite } from '../code-points.ts';
import type { Cursor } from './cursor.ts';

const DIGITS: CodePoints = [0x30, 0x39];
const WORD: CodePoints = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const SPACE = unite([
  [0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029],
  [0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff],
]);
const CLASSES: Readonly<Record<string, CodePoints>> = {
  d: DIGITS,
  D: invert(DIGITS),
  w: WORD,
  W: invert(WORD),
  s: SPACE,
  S: invert(SPACE),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

export type Escape = { readonly character: number } | { readonly set: CodePoints };

/** What stands after a backslash, inside or outside of square brackets. */
export function readEscape(cursor: Cursor, inBrackets: boolean): Escape {
  const letter = cursor.next;
  if (letter === undefined) throw cursor.refuse('a backslash needs a character after it');
  if (CLASSES[letter]) {
    cursor.position++;
    return { set: CLASSES[letter] };
  }
  if (letter === 'p' || letter === 'P') return { set: readProperty(cursor) };
  if (inBrackets && letter === 'b') return taken(cursor, 8);
  refuseByName(cursor, letter);
  if (letter in CONTROLS) return taken(cursor, CONTROLS[letter]!);
  const code = readCode(cursor);
  if (code !== undefined) return { character: code };
  if (/^[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(letter)) return taken(cursor, letter.codePointAt(0)!);
  throw cursor.refuse(`the escape \\${letter} is unknown`);
}

function taken(cursor: Cursor, character: number): Escape {
  cursor.position++;
  return { character };
}

function refuseByName(cursor: Cursor, letter: string): void {
  if (/[1-9k]/.test(letter)) throw cursor.refuse(`the back-reference \\${letter} is not supported`);
  if (/[bB]/.test(letter)) throw cursor.refuse(`the word boundary \\${letter} is not supported`);
  if (letter === '0' && /\d/.test(cursor.characters[cursor.position + 1] ?? ''))
    throw cursor.refuse('an octal escape is not supported');
}

/** Counted as what it costs the first time: a pattern of hundreds of properties would take many seconds. */
const PROPERTY_STEPS = 1_100_000;

function readProperty(cursor: Cursor): CodePoints {
  const written = cursor.match(/^[pP]\{\w+(=\w+)?\}/);
  if (written) cursor.spendOnce(written.slice(1), PROPERTY_STEPS);
  const set = written && unicodeProperty(written.slice(2, -1));
  if (!set) throw cursor.refuse(`expected a Unicode property like \\p{Letter}, \\${written ?? cursor.next} came`);
  return written.startsWith('P') ? invert(set) : set;
}

function readCode(cursor: Cursor): number | undefined {
  const pair = cursor.match(/^u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/);
  if (pair) {
    const [high, low] = [Number.parseInt(pair.slice(1, 5), 16), Number.parseInt(pair.slice(7), 16)];
    return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  }
  const plain = cursor.match(/^(x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]{1,6}\})/);
  if (plain) {
    const code = Number.parseInt(plain.replace(/[xu{}]/g, ''), 16);
    if (code > 0x10ffff) throw cursor.refuse(`expected a code point up to 10FFFF, \\${plain} came`);
    return code;
  }
  const control = cursor.match(/^c[a-zA-Z]/);
  return control ? control.charCodeAt(1) & 31 : undefined;
}

/** The characters of an escape that an output can hold: none for U+0000 and lone surrogates. */
export function setOf(read: Escape): CodePoints {
  return 'set' in read ? read.set : intersect([read.character, read.character], ANY);
}
