// Parses a pattern: ECMAScript's syntax with the u flag, without what is not regular (look-around, back-references).

import { invert } from '../code-points.ts';
import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import { readBrackets } from './brackets.ts';
import { Cursor } from './cursor.ts';
import { readEscape, setOf } from './escapes.ts';
import type { Regex } from './syntax.ts';

const NO_LINE_END = invert([0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]);
const LOOK_AROUND: Readonly<Record<string, string>> = {
  '(?=': 'look-ahead',
  '(?!': 'negative look-ahead',
  '(?<=': 'look-behind',
  '(?<!': 'negative look-behind',
};

export function parseRegex(pattern: string, place: string, fuel: Fuel): Regex {
  const cursor = new Cursor(pattern, place, fuel);
  if (cursor.characters.length > LIMITS.patternLength)
    throw tooLarge(place, `a pattern of ${cursor.characters.length} characters (limit ${LIMITS.patternLength})`);
  const regex = readEither(cursor, 0);
  if (cursor.next !== undefined) throw cursor.refuse('expected ( for every )');
  return regex;
}

function readEither(cursor: Cursor, depth: number): Regex {
  const options = [readSequence(cursor, depth)];
  while (cursor.take('|')) options.push(readSequence(cursor, depth));
  return options.length === 1 ? options[0]! : { kind: 'either', options };
}

function readSequence(cursor: Cursor, depth: number): Regex {
  const parts: Regex[] = [];
  while (cursor.next !== undefined && cursor.next !== '|' && cursor.next !== ')')
    parts.push(readRepeated(cursor, readAtom(cursor, depth)));
  return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
}

function readAtom(cursor: Cursor, depth: number): Regex {
  if (cursor.take('^')) return { kind: 'start' };
  if (cursor.take('$')) return { kind: 'end' };
  if (cursor.take('.')) return { kind: 'set', set: NO_LINE_END };
  if (cursor.take('[')) return { kind: 'set', set: readBrackets(cursor) };
  if (cursor.take('\\')) return { kind: 'set', set: setOf(readEscape(cursor, false)) };
  if (cursor.next === '(') return readGroup(cursor, depth + 1);
  const character = cursor.next!;
  if (/[*+?{}\]]/.test(character)) throw cursor.refuse(`expected \\${character} for a plain ${character}`);
  cursor.position++;
  return { kind: 'set', set: setOf({ character: character.codePointAt(0)! }) };
}

/** Groups capture nothing here: (…), (?:…) and (?<name>…) mean the same. */
function readGroup(cursor: Cursor, depth: number): Regex {
  if (depth > LIMITS.groupDepth) throw cursor.refuse(`groups are nested more than ${LIMITS.groupDepth} deep`);
  for (const [text, name] of Object.entries(LOOK_AROUND))
    if (cursor.characters.slice(cursor.position, cursor.position + text.length).join('') === text)
      throw cursor.refuse(`${name} ${text}…) is not supported`);
  if (!cursor.match(/^\((\?:|\?<[\p{L}_$][\p{L}\p{N}_$]*>|(?!\?))/u))
    throw cursor.refuse('expected (…), (?:…) or (?<name>…): flags in a group are not supported');
  const inner = readEither(cursor, depth);
  if (!cursor.take(')')) throw cursor.refuse('expected ) for every (, the pattern ended');
  return inner;
}

function readRepeated(cursor: Cursor, atom: Regex): Regex {
  const counts = readCounts(cursor);
  if (!counts) return atom;
  if (atom.kind === 'start' || atom.kind === 'end') throw cursor.refuse('^ and $ cannot be repeated');
  cursor.take('?'); // lazy: another way to search, the same language
  if (readCounts(cursor)) throw cursor.refuse('expected one count after a part, two came');
  return { kind: 'repeat', of: atom, ...counts };
}

function readCounts(cursor: Cursor): { min: number; max: number } | undefined {
  if (cursor.take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (cursor.take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (cursor.take('?')) return { min: 0, max: 1 };
  const written = cursor.match(/^\{\d+(,\d*)?\}/);
  if (!written) return undefined;
  const [low, high] = written.slice(1, -1).split(',');
  const min = Number(low);
  const max = high === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
  if (max < min) throw cursor.refuse(`expected counts that go upwards, ${written} came`);
  const largest = max === Number.POSITIVE_INFINITY ? min : max;
  if (largest > LIMITS.repeats) throw cursor.refuse(`expected counts up to ${LIMITS.repeats}, ${written} came`);
  return { min, max };
}
