// A class of a pattern in square brackets: [a-z\d], [^"].

import { ANY, type CodePoints, intersect, invert, unite } from '../code-points.ts';
import type { Cursor } from './cursor.ts';
import { type Escape, readEscape, setOf } from './escapes.ts';

/** Reads up to the closing bracket; the opening one is taken already. */
export function readBrackets(cursor: Cursor): CodePoints {
  const inverted = cursor.take('^');
  const sets: CodePoints[] = [];
  while (!cursor.take(']')) {
    const from = readMember(cursor);
    const isRange = cursor.next === '-' && (cursor.characters[cursor.position + 1] ?? ']') !== ']';
    if (!isRange) sets.push(setOf(from));
    else {
      cursor.position++;
      sets.push(range(cursor, from, readMember(cursor)));
    }
  }
  const united = unite(sets);
  return inverted ? invert(united) : united;
}

function readMember(cursor: Cursor): Escape {
  if (cursor.take('\\')) return readEscape(cursor, true);
  const character = cursor.next;
  if (character === undefined) throw cursor.refuse('expected ] for every [, the pattern ended');
  cursor.position++;
  return { character: character.codePointAt(0)! };
}

function range(cursor: Cursor, from: Escape, to: Escape): CodePoints {
  if ('set' in from || 'set' in to) throw cursor.refuse('expected a single character at both ends of a range');
  if (from.character > to.character) throw cursor.refuse('expected a range that goes upwards');
  return intersect([from.character, to.character], ANY);
}
