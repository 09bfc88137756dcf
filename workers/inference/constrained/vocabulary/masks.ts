// The tokens that may come in a state: each branch by what is known of its leaf, and a walk only where a token reaches
// beyond the leaf.

import { BoundedMap } from '../bounded-map.ts';
import type { Expressions } from '../expression/expressions.ts';
import type { Branch, Expression } from '../expression/node.ts';
import { branchesOf, stepOf } from '../expression/steps.ts';
import { BETWEEN } from '../json-characters.ts';
import { remembered } from '../remembered.ts';
import { AutomatonWalks } from './automaton-tokens.ts';
import { CollectedTokens } from './collected-tokens.ts';
import type { Costs } from './costs.ts';
import type { Vocabulary } from './vocabulary.ts';

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
    for (const branch of branchesOf(this.#all, node)) this.#branch(branch, collected);
    return collected;
  }

  #branch({ leaf, rest }: Branch, collected: CollectedTokens): void {
    const after = this.#costs.of(rest);
    if (leaf.kind === 'literal') this.#literal(leaf.bytes, leaf.at, rest, after, collected);
    else if (leaf.kind === 'string') this.#string(leaf, rest, after, collected);
    else {
      const room = collected.limit - after;
      const isFollowed = rest !== this.#all.end;
      let tokens = this.#walks.from(leaf.dfa, leaf.state, isFollowed);
      if (tokens.worst > room) tokens = this.#walks.walk(leaf.dfa, leaf.state, isFollowed, room);
      collected.addBits(tokens.bits, tokens.worst + after);
      for (const node of tokens.closings) this.#below(rest, node, collected);
    }
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

  #string(
    leaf: Branch['leaf'] & { kind: 'string' },
    rest: Expression,
    after: number,
    collected: CollectedTokens,
  ): void {
    const { strings } = this.#costs;
    const { groups, bits, longest, closings } = strings.from(leaf.character);
    const costs = groups.map(({ characters, character }) =>
      characters + (character === BETWEEN ? 0 : 1) > leaf.max
        ? Number.NaN
        : strings.tokensToClose(character, Math.max(0, leaf.min - characters)) + after,
    );
    const worst = costs.reduce((most, cost) => Math.max(most, cost), 0);
    if (longest <= leaf.max && worst <= collected.limit) collected.addBits(bits, worst);
    else for (const [i, { tokens }] of groups.entries()) if (costs[i]! >= 0) collected.addTokens(tokens, costs[i]!);
    for (const { node, characters } of closings) {
      if (characters < leaf.min || characters > leaf.max) continue;
      collected.addNode(node, after);
      this.#below(rest, node, collected);
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
