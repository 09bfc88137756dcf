// The shortest output that is left of a state: of equally short ones the least, so it depends on what may come, not on how
// that is expressed, and after its first token the rest of it is the shortest output again.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import { nextState } from '../automata/byte-dfa.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { inPostOrder, partsOf } from '../expression/post-order.ts';
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
  /** Nodes in which of each choice the least is known. */
  readonly #seen = new WeakSet<Expression>();
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
    if (!this.#lengths.has(node))
      inPostOrder(
        node,
        partsOf,
        (part) => this.#lengths.has(part),
        (part) => this.#lengths.set(part, this.#together(part)),
      );
    return this.#lengths.get(node)!;
  }

  /** From what is known of its parts. */
  #together({ shape }: Expression): number {
    const known = (part: Expression) => this.#lengths.get(part)!;
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
    const isChosen = ({ shape }: Expression) => shape.kind !== 'either' || this.#chosen.has(shape.options);
    inPostOrder(
      node,
      (part) => this.#partsOfShortest(part),
      (part) => this.#seen.has(part) && isChosen(part),
      (part) => {
        this.#seen.add(part);
        if (part.shape.kind === 'either') this.#chosen.set(part.shape.options, this.#least(part.shape.options));
      },
    );
    return this.#written(node);
  }

  #partsOfShortest(node: Expression): readonly Expression[] {
    return node.shape.kind === 'either' ? this.#shortestOf(node.shape.options) : partsOf(node);
  }

  #shortestOf(options: readonly Expression[]): readonly Expression[] {
    const shortest = options.reduce((least, option) => Math.min(least, this.length(option)), Number.POSITIVE_INFINITY);
    return options.filter((option) => this.length(option) === shortest);
  }

  #least(options: readonly Expression[]): Buffer {
    return this.#shortestOf(options)
      .map((option) => this.#written(option))
      .sort(Buffer.compare)[0]!;
  }

  /** Once of each choice in it the least is known. */
  #written(node: Expression): Buffer {
    const written: Buffer[] = [];
    let { shape } = node;
    for (; shape.kind === 'sequence'; shape = shape.rest.shape) written.push(this.#written(shape.head));
    if (shape.kind === 'either') written.push(this.#chosen.get(shape.options)!);
    else if (shape.kind === 'repeat') {
      if (shape.min > 0) written.push(Buffer.concat(new Array<Buffer>(shape.min).fill(this.#written(shape.of))));
    } else if (shape.kind !== 'end') written.push(this.#leafBytes(shape));
    return Buffer.concat(written);
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
