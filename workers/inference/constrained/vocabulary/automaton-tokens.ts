// The tokens that fit a state of an automaton: one walk over the tree (about 1 ms for 49,000 tokens), remembered for each state.

import { type ByteDfa, DEAD } from '../automata/byte-dfa.ts';
import { BoundedMap } from '../bounded-map.ts';
import { remembered } from '../remembered.ts';
import type { Costs } from './costs.ts';
import { countOf, tokensIn } from './token-mask.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tokens after which the automaton can be ended in so many more: a list of them, or bits where that is shorter. */
export interface Level {
  readonly cost: number;
  readonly tokens: Int32Array | undefined;
  readonly bits: Uint32Array | undefined;
}

export interface AutomatonTokens {
  /** By their cost, so that with few tokens left nothing is walked again. */
  readonly levels: readonly Level[];
  /** Nodes of the tree below which what follows may go on, the root not among them; none where nothing follows. */
  readonly closings: Int32Array;
}

/** Bytes that are remembered for a constraint. */
const REMEMBERED = 4_194_304;

export class AutomatonWalks {
  readonly #vocabulary: Vocabulary;
  readonly #costs: Costs;
  readonly #known = new BoundedMap<string, AutomatonTokens>(REMEMBERED, bytesOf);

  constructor(vocabulary: Vocabulary, costs: Costs) {
    this.#vocabulary = vocabulary;
    this.#costs = costs;
  }

  from(dfa: ByteDfa, state: number, isFollowed: boolean): AutomatonTokens {
    return remembered(this.#known, `${dfa.id},${state},${isFollowed}`, () => this.#walk(dfa, state, isFollowed));
  }

  #walk(dfa: ByteDfa, start: number, isFollowed: boolean): AutomatonTokens {
    const { byte, after, depth, token, twin } = this.#vocabulary;
    const { next, classOf, classes, accepting, final } = dfa;
    const costs = this.#costs.automaton(dfa);
    const states = new Uint16Array(this.#vocabulary.longest + 1).fill(start);
    // Bits of each cost: pushing 48,000 tokens to a list took 5 ms and more, setting their bits 1.
    const found = new Map<number, Uint32Array>();
    const words = (this.#vocabulary.size + 31) >>> 5;
    const closings: number[] = [];
    let cost = Number.NaN;
    let bits: Uint32Array = new Uint32Array(0);
    for (let node = 1; node < byte.length; ) {
      const state = next[states[depth[node]! - 1]! * classes + classOf[byte[node]!]!]!;
      if (state === DEAD) {
        node = after[node]!;
        continue;
      }
      states[depth[node]!] = state;
      if (token[node]! >= 0 && costs[state]! < Number.POSITIVE_INFINITY) {
        if (costs[state] !== cost) {
          cost = costs[state]!;
          bits = remembered(found, cost, () => new Uint32Array(words));
        }
        for (let one = token[node]!; one >= 0; one = twin[one]!) bits[one >>> 5]! |= 1 << (one & 31);
      }
      if (isFollowed && accepting[state] && after[node]! > node + 1) closings.push(node);
      node = final[state] ? after[node]! : node + 1;
    }
    const levels = [...found].map(([of, all]) => levelOf(of, all));
    return { levels, closings: Int32Array.from(closings) };
  }
}

function levelOf(cost: number, bits: Uint32Array): Level {
  if (countOf(bits) >= bits.length) return { cost, tokens: undefined, bits };
  return { cost, tokens: Int32Array.from(tokensIn(bits)), bits: undefined };
}

function bytesOf({ levels, closings }: AutomatonTokens): number {
  const tokens = levels.reduce((sum, { tokens: list, bits }) => sum + (list ?? bits)!.byteLength + 100, 0);
  return tokens + closings.byteLength + 300;
}
