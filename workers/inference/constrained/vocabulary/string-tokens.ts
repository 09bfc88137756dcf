// What each token is inside a JSON string: worked out once for a vocabulary, so that no place in a text needs a walk of its own.

import { BETWEEN, CHARACTER_STATES, CHARACTER_TABLE, MISSING, NO_WAY, QUOTE } from '../json-characters.ts';
import { remembered } from '../remembered.ts';
import { tokensToEnd } from './literal-costs.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tokens that stay in the string, complete so many characters and then are in such a state of the next one. */
export interface StringGroup {
  readonly characters: number;
  readonly character: number;
  readonly tokens: readonly number[];
}

export interface StringTokens {
  readonly groups: readonly StringGroup[];
  /** All of the groups, as bits. */
  readonly bits: Uint32Array;
  /** No token of them has more characters, the one that it begins counted. */
  readonly longest: number;
  /** Nodes of the tree at which the string is closed, and how many characters they complete before. */
  readonly closings: readonly { readonly node: number; readonly characters: number }[];
}

const FEW = 64;

const known = new WeakMap<Vocabulary, StringVocabulary>();

/** What all constraints over a vocabulary share. */
export function stringsOf(vocabulary: Vocabulary): StringVocabulary {
  return remembered(known, vocabulary, () => new StringVocabulary(vocabulary));
}

export class StringVocabulary {
  readonly #vocabulary: Vocabulary;
  readonly #from: (StringTokens | undefined)[] = new Array(CHARACTER_STATES).fill(undefined);
  /** Tokens for so many spaces and a quote: the shortest end of a string that needs so many characters still. */
  #spaces = new Float64Array(0);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Tokens at a place in a string: between two characters, or in the middle of one. */
  from(character: number): StringTokens {
    this.#from[character] ??= stringTokens(this.#vocabulary, character);
    return this.#from[character];
  }

  /** How many tokens close the string at most, in which so many characters must come still. */
  tokensToClose(character: number, min: number): number {
    return MISSING[character]! + this.#closed(Math.max(0, character === BETWEEN ? min : min - 1));
  }

  #closed(spaces: number): number {
    if (spaces >= this.#spaces.length) {
      const most = Math.max(FEW, 2 * spaces);
      const text = Buffer.alloc(most + 1, 0x20);
      text[most] = QUOTE;
      this.#spaces = tokensToEnd(this.#vocabulary, text)
        .slice(0, most + 1)
        .reverse();
    }
    return this.#spaces[spaces]!;
  }
}

function stringTokens(vocabulary: Vocabulary, start: number): StringTokens {
  const states = new Uint8Array(vocabulary.longest + 1).fill(start);
  const counts = new Uint16Array(vocabulary.longest + 1);
  const groups = new Map<number, { characters: number; character: number; tokens: number[] }>();
  const closings: { node: number; characters: number }[] = [];
  const bits = new Uint32Array((vocabulary.size + 31) >>> 5);
  let longest = 0;
  for (let node = 1; node < vocabulary.byte.length; ) {
    const depth = vocabulary.depth[node]!;
    const byte = vocabulary.byte[node]!;
    const before = states[depth - 1]!;
    const state = CHARACTER_TABLE[before * 256 + byte]!;
    if (state === NO_WAY) {
      if (before === BETWEEN && byte === QUOTE) closings.push({ node, characters: counts[depth - 1]! });
      node = vocabulary.after[node]!;
      continue;
    }
    const characters = counts[depth - 1]! + (state === BETWEEN ? 1 : 0);
    states[depth] = state;
    counts[depth] = characters;
    const key = characters * CHARACTER_STATES + state;
    for (let token = vocabulary.token[node]!; token >= 0; token = vocabulary.twin[token]!) {
      if (!groups.has(key)) groups.set(key, { characters, character: state, tokens: [] });
      groups.get(key)!.tokens.push(token);
      bits[token >>> 5]! |= 1 << (token & 31);
      longest = Math.max(longest, characters + (state === BETWEEN ? 0 : 1));
    }
    node++;
  }
  return { groups: [...groups.values()], bits, longest, closings };
}
