// How many tokens suffice to end an output: put together from its parts, so that it costs nothing to ask for any state.
// From a state of n tokens there is always a token to one of n − 1: an output that keeps to its budget never gets stuck.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { inPostOrder, partsOf } from '../expression/post-order.ts';
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
    if (!this.#nodes.has(node))
      inPostOrder(
        node,
        partsOf,
        (part) => this.#nodes.has(part),
        (part) => this.#nodes.set(part, this.#together(part)),
      );
    return this.#nodes.get(node)!;
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

  /** From what is known of its parts. */
  #together({ shape }: Expression): number {
    const known = (part: Expression) => this.#nodes.get(part)!;
    switch (shape.kind) {
      case 'end':
        return 0;
      case 'either':
        return shape.options.reduce((least, option) => Math.min(least, known(option)), Number.POSITIVE_INFINITY);
      case 'repeat':
        return shape.min === 0 ? 0 : shape.min * known(shape.of);
      case 'sequence':
        return known(shape.head) + known(shape.rest);
      default:
        return this.ofLeaf(shape);
    }
  }
}
