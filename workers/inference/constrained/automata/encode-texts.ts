// An automaton over characters as one over bytes: of the plain text (UTF-8), or of a JSON string up to its closing quote.

import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import { type ByteDfa, byteDfa } from './byte-dfa.ts';
import type { TextDfa } from './text-dfa.ts';

export type Encoding = 'plain' | 'json';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CONTINUATION = { low: 0x80, high: 0xbf };

export function encoded(texts: TextDfa, encoding: Encoding, fuel: Fuel, place: string): ByteDfa {
  const edges: number[][] = texts.edges.map(() => []);
  const accepting = texts.accepting.map((is) => is && encoding === 'plain');
  const known = new Map<string, number>();
  /** States in the middle of a character: those with equal ways on are one. */
  const stateOf = (ways: number[]) => {
    fuel.spend(3 * ways.length + 10, place);
    const key = ways.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (edges.length >= LIMITS.byteStates)
      throw tooLarge(place, `an automaton of more than ${LIMITS.byteStates} states`);
    accepting.push(false);
    known.set(key, edges.push(ways) - 1);
    return edges.length - 1;
  };
  const states = { stateOf, spend: (steps: number) => fuel.spend(steps, place) };
  const end = edges.length;
  if (encoding === 'json') {
    edges.push([]);
    accepting.push(true);
  }
  for (const [state, ways] of texts.edges.entries()) {
    fuel.spend(200 + 10 * ways.length, place);
    const bytes = [...ascii(ways, encoding, stateOf), ...multiByte(ways, states)];
    if (encoding === 'json' && texts.accepting[state]) bytes.push(QUOTE, QUOTE, end);
    edges[state] = bytes;
  }
  return byteDfa({ edges, accepting }, fuel, place);
}

type StateOf = (ways: number[]) => number;

interface States {
  readonly stateOf: StateOf;
  readonly spend: (steps: number) => void;
}

function ascii(ways: readonly number[], encoding: Encoding, stateOf: StateOf): number[] {
  const direct: number[] = [];
  const escapes: [string, number][] = [];
  for (let i = 0; i < ways.length && ways[i]! < 0x80; i += 3) {
    const to = ways[i + 2]!;
    for (let point = ways[i]!; point <= Math.min(ways[i + 1]!, 0x7f); point++) {
      const isPlain = encoding === 'plain' || (point >= 0x20 && point !== QUOTE && point !== BACKSLASH);
      if (!isPlain) escapes.push([JSON.stringify(String.fromCodePoint(point)).slice(2, -1), to]);
      else if (direct.length > 0 && direct.at(-1) === to && direct.at(-2) === point - 1)
        direct[direct.length - 2] = point;
      else direct.push(point, point, to);
    }
  }
  if (escapes.length > 0) direct.push(BACKSLASH, BACKSLASH, spelled(escapes, stateOf));
  return direct;
}

/** JSON.stringify's escape of each control character, quote and backslash: one way to write a character, so that sets stay sets. */
function spelled(escapes: readonly [string, number][], stateOf: StateOf): number {
  const ways: number[] = [];
  const longer = new Map<string, [string, number][]>();
  for (const [text, to] of escapes)
    if (text.length === 1) ways.push(text.charCodeAt(0), text.charCodeAt(0), to);
    else longer.set(text[0]!, [...(longer.get(text[0]!) ?? []), [text.slice(1), to]]);
  for (const [first, rest] of longer) ways.push(first.charCodeAt(0), first.charCodeAt(0), spelled(rest, stateOf));
  return stateOf(ways);
}

function multiByte(ways: readonly number[], states: States): number[] {
  return [
    ...bytesFrom(ways, { first: 0, low: 0xc2, high: 0xdf, unit: 64, least: 0x80, lead: 0xc0 }, states),
    ...bytesFrom(ways, { first: 0, low: 0xe0, high: 0xef, unit: 4096, least: 0x800, lead: 0xe0 }, states),
    ...bytesFrom(ways, { first: 0, low: 0xf0, high: 0xf4, unit: 262_144, least: 0x10000, lead: 0xf0 }, states),
  ];
}

interface Position {
  /** The first code point that the bytes so far can mean. */
  readonly first: number;
  readonly low: number;
  readonly high: number;
  /** How many code points share the byte at this position. */
  readonly unit: number;
  /** Code points below it have a shorter form, the only one that is valid. */
  readonly least: number;
  readonly lead: number;
}

function bytesFrom(ways: readonly number[], position: Position, states: States): number[] {
  const { first, low, high, unit, least, lead } = position;
  const bytes: number[] = [];
  const { stateOf, spend } = states;
  for (let byte = low; byte <= high; byte++) {
    spend(2);
    const begin = first + (byte - lead) * unit;
    const inside = clipped(ways, Math.max(begin, least), begin + unit - 1);
    if (inside.length === 0) continue;
    const deeper = { ...CONTINUATION, first: begin, unit: unit / 64, least, lead: 0x80 };
    const isWhole = inside.length === 3 && inside[0] === begin && inside[1] === begin + unit - 1;
    const to = isWhole ? continued(unit, inside[2]!, stateOf) : stateOf(bytesFrom(inside, deeper, states));
    if (bytes.length > 0 && bytes.at(-1) === to && bytes.at(-2) === byte - 1) bytes[bytes.length - 2] = byte;
    else bytes.push(byte, byte, to);
  }
  return bytes;
}

/** Any continuation bytes to the end of the character. */
function continued(unit: number, to: number, stateOf: StateOf): number {
  return unit === 1 ? to : stateOf([CONTINUATION.low, CONTINUATION.high, continued(unit / 64, to, stateOf)]);
}

function clipped(ways: readonly number[], low: number, high: number): number[] {
  const inside: number[] = [];
  let [first, end] = [0, ways.length / 3];
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (ways[3 * middle + 1]! < low) first = middle + 1;
    else end = middle;
  }
  for (let i = 3 * first; i < ways.length && ways[i]! <= high; i += 3)
    inside.push(Math.max(ways[i]!, low), Math.min(ways[i + 1]!, high), ways[i + 2]!);
  return inside;
}
