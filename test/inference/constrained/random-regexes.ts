// Patterns by chance, and texts that are near to what they match.

import { pick } from './support.ts';

type Random = () => number;

const ATOMS = [
  'a',
  'b',
  '1',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\D',
  '[ab]',
  '[^a]',
  '[a-c1-3]',
  '[^\\d\\s]',
  'é',
  '😀',
  '\\n',
  '\\x61',
  '\\u{1F600}',
  '\\ud83d\\ude00',
  '\\u00e9',
  '\\.',
  '[\\]^-]',
  '-',
  '"',
  '\\\\',
  '[-a]',
  '\\cJ',
  '\\/',
];
const COUNTS = ['*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '*?', '+?', '??', '{1,2}?', '{0}'];
const LETTERS = [
  'a',
  'b',
  'c',
  '1',
  '2',
  ' ',
  '\n',
  'é',
  '😀',
  'A',
  '.',
  '-',
  '"',
  '\\',
  '_',
  'Z',
  '\t',
  '\u2028',
  '/',
  ']',
  '^',
];

export function randomRegex(random: Random, depth = 3): string {
  const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => part(random, depth));
  if (random() < 0.15) parts.unshift('^');
  if (random() < 0.15) parts.push('$');
  return random() < 0.25 && depth > 0 ? `${parts.join('')}|${randomRegex(random, depth - 1)}` : parts.join('');
}

function part(random: Random, depth: number): string {
  const isGroup = depth > 0 && random() < 0.3;
  const atom = isGroup
    ? `(${pick(random, ['', '?:', `?<n${Math.floor(random() * 1e9)}>`])}${randomRegex(random, depth - 1)})`
    : pick(random, ATOMS);
  return random() < 0.4 ? atom + pick(random, COUNTS) : atom;
}

export function randomText(random: Random): string {
  return Array.from({ length: Math.floor(random() * 6) }, () => pick(random, LETTERS)).join('');
}
