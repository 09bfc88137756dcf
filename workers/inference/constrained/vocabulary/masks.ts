// The tokens that may come in a state: each branch by what is known of its leaf, and a walk only where a token reaches
// beyond the leaf.

import { BoundedMap } from '../bounded-map.ts';
import type { Expressions } from '../expression/expressions.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { branchesOf, stepOf } from '../expression/steps.ts';
import { BETWEEN } from '../json-characters.ts';
import { remembered } from '../remembered.ts';
import { AutomatonWalks } from './automaton-tokens.ts';
import { CollectedTokens } from './collected-tokens.ts';
import type { Costs } from './costs.ts';
import type { StringGroup, StringVocabulary } from './string-tokens.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A JSON string that is being read, and what comes after it. */
interface StringBranch {
  readonly min: number;
  readonly max: number;
  readonly rest: Expression;
  readonly after: number;
}

/** Bytes of masks that are remembered for a constraint. */
const REMEMBERED = 8_388_608;

export class Masks {
  readonly #all: Expressions;
  readonly #vocabulary: Vocabulary;
  readonly #costs: Costs;
  readonly #walks: AutomatonWalks;
  readonly #known: BoundedMap<number, CollectedTokens>;

  constructor(all: Expressions, vocabulary: Vocabulary, costs: Costs) {
    this.#all = all;
    this.#vocabulary = vocabulary;
    this.#costs = costs;
    this.#walks = new AutomatonWalks(vocabulary, costs);
    this.#known = new BoundedMap(Math.floor(REMEMBERED / (vocabulary.size / 8 + 1_000)) + 16);
  }

  /** Tokens after which the output can be ended with so many more. */
  within(node: Expression, limit: number): Uint32Array {
    const known = remembered(this.#known, node.id, () => this.#collect(node, Number.POSITIVE_INFINITY));
    return known.worst <= limit ? known.bits : this.#collect(node, limit).bits;
  }

  /** Whether some token that begins with the bytes of a node of the tree goes on with more that fits. */
  goesOn(node: Expression, from: number): boolean {
    const found = new CollectedTokens(this.#vocabulary, Number.POSITIVE_INFINITY);
    this.#below(node, from, found);
    return found.bits.some((word) => word !== 0);
  }

  #collect(node: Expression, limit: number): CollectedTokens {
    const collected = new CollectedTokens(this.#vocabulary, limit);
    const strings = new Map<number, StringBranch[]>();
    for (const { leaf, rest } of branchesOf(this.#all, node)) {
      const after = this.#costs.of(rest);
      if (leaf.kind === 'literal') this.#literal(leaf.bytes, leaf.at, rest, after, collected);
      else if (leaf.kind === 'automaton') this.#automaton(leaf, rest, after, collected);
      else remembered(strings, leaf.character, () => []).push({ min: leaf.min, max: leaf.max, rest, after });
    }
    for (const [character, branches] of strings) this.#strings(character, branches, collected);
    return collected;
  }

  #automaton(leaf: Leaf & { kind: 'automaton' }, rest: Expression, after: number, collected: CollectedTokens): void {
    const { levels, closings } = this.#walks.from(leaf.dfa, leaf.state, rest !== this.#all.end);
    for (const { cost, tokens, bits } of levels)
      if (bits) collected.addBits(bits, cost + after);
      else collected.addTokens(tokens!, cost + after);
    for (const node of closings) this.#below(rest, node, collected);
  }

  #literal(bytes: Uint8Array, from: number, rest: Expression, after: number, collected: CollectedTokens): void {
    const costs = this.#costs.literal(bytes);
    let node = 0;
    for (let at = from; at < bytes.length; ) {
      node = this.#vocabulary.child(node, bytes[at]!);
      if (node < 0) return;
      collected.addNode(node, costs[++at]! + after);
    }
    this.#below(rest, node, collected);
  }

  /** All that are at the same place in a character together, since hundreds of them may be. */
  #strings(character: number, branches: readonly StringBranch[], collected: CollectedTokens): void {
    const { strings } = this.#costs;
    const { groups, bits, closings } = strings.from(character);
    const costs = groups.map((group) => leastCost(strings, group, branches));
    const worst = costs.reduce((most, cost) => Math.max(most, cost), 0);
    if (worst <= collected.limit && worst < Number.POSITIVE_INFINITY) collected.addBits(bits, worst);
    else for (const [i, { tokens }] of groups.entries()) collected.addTokens(tokens, costs[i]!);
    for (const [characters, nodes] of closings) {
      const ended = branches.filter(({ min, max }) => characters >= min && characters <= max);
      if (ended.length === 0) continue;
      const after = ended.reduce((least, branch) => Math.min(least, branch.after), Number.POSITIVE_INFINITY);
      const rest = this.#all.either(ended.map((branch) => branch.rest));
      for (const node of nodes) {
        collected.addNode(node, after);
        this.#below(rest, node, collected);
      }
    }
  }

  /** The tokens below a node of the tree, whose bytes so far led to this expression. */
  #below(node: Expression, from: number, collected: CollectedTokens): void {
    if (node === this.#all.end) return;
    const { byte, after } = this.#vocabulary;
    for (let child = from + 1; child < after[from]!; child = after[child]!) {
      const next = stepOf(this.#all, node, byte[child]!);
      if (!next) continue;
      collected.addNode(child, this.#costs.of(next));
      this.#below(next, child, collected);
    }
  }
}

/** How many tokens end one of the strings at most after a token of the group; Infinity where it fits none of them. */
function leastCost(strings: StringVocabulary, group: StringGroup, branches: readonly StringBranch[]): number {
  const { characters, character } = group;
  const taken = characters + (character === BETWEEN ? 0 : 1);
  let least = Number.POSITIVE_INFINITY;
  for (const { min, max, after } of branches)
    if (taken <= max) least = Math.min(least, strings.tokensToClose(character, Math.max(0, min - characters)) + after);
  return least;
}
