// Gathers the tokens of a mask: those after which the output can be ended within a limit.

import { allow, allowAll } from './token-mask.ts';
import type { Vocabulary } from './vocabulary.ts';

export class CollectedTokens {
  readonly bits: Uint32Array;
  /** How many tokens may be needed after this one. */
  readonly limit: number;
  /** How many are needed at most after those that were taken. */
  worst = 0;
  readonly #vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary, limit: number) {
    this.#vocabulary = vocabulary;
    this.limit = limit;
    this.bits = new Uint32Array((vocabulary.size + 31) >>> 5);
  }

  /** Takes the tokens of a node of the tree. */
  addNode(node: number, cost: number): void {
    const first = this.#vocabulary.token[node]!;
    if (first < 0 || !this.#counts(cost)) return;
    for (let token = first; token >= 0; token = this.#vocabulary.twin[token]!) allow(this.bits, token);
  }

  addTokens(tokens: readonly number[], cost: number): void {
    if (this.#counts(cost)) for (const token of tokens) allow(this.bits, token);
  }

  addBits(bits: Uint32Array, cost: number): void {
    if (this.#counts(cost)) allowAll(this.bits, bits);
  }

  #counts(cost: number): boolean {
    if (cost > this.limit) return false;
    this.worst = Math.max(this.worst, cost);
    return true;
  }
}
