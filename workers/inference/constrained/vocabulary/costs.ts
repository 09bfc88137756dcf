// How many tokens suffice to end an output: put together from its parts, so that it costs nothing to ask for any state.
// From a state of n tokens there is always a token to one of n − 1: an output that keeps to its budget never gets stuck.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { remembered } from '../remembered.ts';
import { automatonCosts } from './automaton-costs.ts';
import { tokensToEnd } from './literal-costs.ts';
import { type StringVocabulary, stringsOf } from './string-tokens.ts';
import type { Vocabulary } from './vocabulary.ts';

export class Costs {
  readonly strings: StringVocabulary;
  readonly #vocabulary: Vocabulary;
  readonly #nodes = new WeakMap<Expression, number>();
  readonly #literals = new WeakMap<Uint8Array, Float64Array>();
  readonly #automata = new WeakMap<ByteDfa, Float64Array>();

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.strings = stringsOf(vocabulary);
  }

  of(node: Expression): number {
    // Sequences can be thousands of parts long: forwards to what is known, then back.
    const chain: Expression[] = [];
    let at = node;
    let total = this.#nodes.get(at);
    while (total === undefined && at.shape.kind === 'sequence') {
      chain.push(at);
      at = at.shape.rest;
      total = this.#nodes.get(at);
    }
    total ??= this.#remember(at, this.#alone(at));
    for (let i = chain.length - 1; i >= 0; i--) {
      const { shape } = chain[i]!;
      if (shape.kind === 'sequence') total = this.#remember(chain[i]!, this.of(shape.head) + total);
    }
    return total;
  }

  ofLeaf(leaf: Leaf): number {
    switch (leaf.kind) {
      case 'literal':
        return this.literal(leaf.bytes)[leaf.at]!;
      case 'automaton':
        return this.automaton(leaf.dfa)[leaf.state]!;
      default:
        return this.strings.tokensToClose(leaf.character, leaf.min);
    }
  }

  literal(bytes: Uint8Array): Float64Array {
    return remembered(this.#literals, bytes, () => tokensToEnd(this.#vocabulary, bytes));
  }

  automaton(dfa: ByteDfa): Float64Array {
    return remembered(this.#automata, dfa, () => automatonCosts(this.#vocabulary, dfa));
  }

  #alone({ shape }: Expression): number {
    switch (shape.kind) {
      case 'end':
        return 0;
      case 'either':
        return Math.min(...shape.options.map((option) => this.of(option)));
      case 'repeat':
        return shape.min === 0 ? 0 : shape.min * this.of(shape.of);
      case 'sequence':
        return this.of(shape.head) + this.of(shape.rest);
      default:
        return this.ofLeaf(shape);
    }
  }

  #remember(node: Expression, cost: number): number {
    this.#nodes.set(node, cost);
    return cost;
  }
}
