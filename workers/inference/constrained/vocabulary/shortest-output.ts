// The shortest output that is left of a state: of equally short ones the least, so it depends on what may come, not on how
// that is expressed, and after its first token the rest of it is the shortest output again.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import { nextState } from '../automata/byte-dfa.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { MISSING, SHORTEST_REST } from '../json-characters.ts';
import { remembered } from '../remembered.ts';
import { tokensToEnd } from './literal-costs.ts';
import { type ShortestWays, shortestWays, UNREACHED } from './shortest-ways.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Above, only the estimate of Costs is known. */
const MOST_BYTES = 65_536;

export class ShortestOutputs {
  readonly #vocabulary: Vocabulary;
  readonly #lengths = new WeakMap<Expression, number>();
  readonly #chosen = new WeakMap<readonly Expression[], Buffer>();
  readonly #ways = new WeakMap<ByteDfa, ShortestWays>();

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Its fewest tokens, and the bytes; Infinity when it is too long to be looked for. */
  of(node: Expression): { tokens: number; bytes: Buffer } {
    if (this.length(node) > MOST_BYTES) return { tokens: Number.POSITIVE_INFINITY, bytes: Buffer.alloc(0) };
    const bytes = this.#bytes(node);
    return { tokens: tokensToEnd(this.#vocabulary, bytes)[0]!, bytes };
  }

  /** In bytes. */
  length(node: Expression): number {
    const chain: Expression[] = [];
    let at = node;
    while (at.shape.kind === 'sequence' && !this.#lengths.has(at)) {
      chain.push(at);
      at = at.shape.rest;
    }
    let total = this.#lengths.get(at) ?? this.#alone(at);
    this.#lengths.set(at, total);
    for (const link of chain.reverse()) {
      if (link.shape.kind === 'sequence') total += this.length(link.shape.head);
      this.#lengths.set(link, total);
    }
    return total;
  }

  #alone({ shape }: Expression): number {
    switch (shape.kind) {
      case 'end':
        return 0;
      case 'either':
        return Math.min(...shape.options.map((option) => this.length(option)));
      case 'repeat':
        return shape.min === 0 ? 0 : shape.min * this.length(shape.of);
      case 'sequence':
        return this.length(shape.head) + this.length(shape.rest);
      default:
        return this.#leafLength(shape);
    }
  }

  #leafLength(leaf: Leaf): number {
    if (leaf.kind === 'literal') return leaf.bytes.length - leaf.at;
    if (leaf.kind === 'string') return MISSING[leaf.character]! + Math.max(0, leaf.min - (leaf.character ? 1 : 0)) + 1;
    const distance = this.#waysOf(leaf.dfa).distance[leaf.state]!;
    return distance === UNREACHED ? Number.POSITIVE_INFINITY : distance;
  }

  #bytes(node: Expression): Buffer {
    const parts: Buffer[] = [];
    let { shape } = node;
    for (; shape.kind === 'sequence'; shape = shape.rest.shape) parts.push(this.#bytes(shape.head));
    if (shape.kind === 'either') {
      parts.push(this.#least(shape.options));
    } else if (shape.kind === 'repeat') {
      if (shape.min > 0) parts.push(...new Array<Buffer>(shape.min).fill(this.#bytes(shape.of)));
    } else if (shape.kind !== 'end') parts.push(this.#leafBytes(shape));
    return Buffer.concat(parts);
  }

  #least(options: readonly Expression[]): Buffer {
    return remembered(this.#chosen, options, () => {
      const shortest = Math.min(...options.map((option) => this.length(option)));
      const candidates = options.filter((option) => this.length(option) === shortest);
      return candidates.map((option) => this.#bytes(option)).sort(Buffer.compare)[0]!;
    });
  }

  #leafBytes(leaf: Leaf): Buffer {
    if (leaf.kind === 'literal') return Buffer.from(leaf.bytes.subarray(leaf.at));
    if (leaf.kind === 'string') {
      const spaces = Math.max(0, leaf.min - (leaf.character ? 1 : 0));
      return Buffer.from(`${SHORTEST_REST[leaf.character]!}${' '.repeat(spaces)}"`, 'latin1');
    }
    const { bytes } = this.#waysOf(leaf.dfa);
    const way: number[] = [];
    for (let state = leaf.state; bytes[state]! >= 0; state = nextState(leaf.dfa, state, bytes[state]!))
      way.push(bytes[state]!);
    return Buffer.from(way);
  }

  #waysOf(dfa: ByteDfa): ShortestWays {
    return remembered(this.#ways, dfa, () => shortestWays(this.#vocabulary, dfa));
  }
}
