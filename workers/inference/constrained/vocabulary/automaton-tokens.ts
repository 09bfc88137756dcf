// The tokens that fit a state of an automaton: one walk over the tree, remembered for each state.

import { type ByteDfa, DEAD } from '../automata/byte-dfa.ts';
import { BoundedMap } from '../bounded-map.ts';
import { remembered } from '../remembered.ts';
import { CollectedTokens } from './collected-tokens.ts';
import type { Costs } from './costs.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface AutomatonTokens {
  readonly bits: Uint32Array;
  /** How many tokens end the automaton at most after one of them. */
  readonly worst: number;
  /** Nodes of the tree below which what follows may go on, the root not among them; none where nothing follows. */
  readonly closings: Int32Array;
}

/** Bytes of masks that are remembered. */
const REMEMBERED = 4_194_304;

export class AutomatonWalks {
  readonly #vocabulary: Vocabulary;
  readonly #costs: Costs;
  readonly #known: BoundedMap<string, AutomatonTokens>;

  constructor(vocabulary: Vocabulary, costs: Costs) {
    this.#vocabulary = vocabulary;
    this.#costs = costs;
    this.#known = new BoundedMap(Math.floor(REMEMBERED / (vocabulary.size / 8 + 1_000)) + 8);
  }

  from(dfa: ByteDfa, state: number, isFollowed: boolean): AutomatonTokens {
    const key = `${dfa.id},${state},${isFollowed}`;
    return remembered(this.#known, key, () => this.walk(dfa, state, isFollowed, Number.POSITIVE_INFINITY));
  }

  /** Only those after which the automaton can be ended in so many tokens; closings are all there. */
  walk(dfa: ByteDfa, start: number, isFollowed: boolean, limit: number): AutomatonTokens {
    const { byte, after, depth, token } = this.#vocabulary;
    const { next, classOf, classes, accepting, final } = dfa;
    const costs = this.#costs.automaton(dfa);
    const collected = new CollectedTokens(this.#vocabulary, limit);
    const states = new Uint16Array(this.#vocabulary.longest + 1).fill(start);
    const closings: number[] = [];
    for (let node = 1; node < byte.length; ) {
      const state = next[states[depth[node]! - 1]! * classes + classOf[byte[node]!]!]!;
      if (state === DEAD) {
        node = after[node]!;
        continue;
      }
      states[depth[node]!] = state;
      if (token[node]! >= 0) collected.addNode(node, costs[state]!);
      if (isFollowed && accepting[state] && after[node]! > node + 1) closings.push(node);
      node = final[state] ? after[node]! : node + 1;
    }
    return { bits: collected.bits, worst: collected.worst, closings: Int32Array.from(closings) };
  }
}
