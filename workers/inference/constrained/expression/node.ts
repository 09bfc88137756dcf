// What may still come, as an expression over bytes: each state of a generation is one of these nodes.

import type { ByteDfa } from '../automata/byte-dfa.ts';

/** Parts in which something is read byte by byte. */
export type Leaf =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: 'automaton'; readonly dfa: ByteDfa; readonly state: number }
  /** The rest of a JSON string of min to max characters and its closing quote; `character` is where in one it is. */
  | { readonly kind: 'string'; readonly character: number; readonly min: number; readonly max: number };

export type Shape =
  | { readonly kind: 'end' }
  | Leaf
  | { readonly kind: 'sequence'; readonly head: Expression; readonly rest: Expression }
  | { readonly kind: 'either'; readonly options: readonly Expression[] }
  /** min to max times a part that is never empty. */
  | { readonly kind: 'repeat'; readonly of: Expression; readonly min: number; readonly max: number };

/** Equal expressions are the same object (as long as the table of them has not been emptied, see Expressions). */
export interface Expression {
  readonly id: number;
  readonly shape: Shape;
  /** Whether the output may end here. */
  readonly canEnd: boolean;
  /** Remembered: where bytes lead, and how it may begin. */
  steps: Map<number, Expression | undefined> | undefined;
  branches: readonly Branch[] | undefined;
}

/** One of the ways in which an expression goes on: a leaf that takes the next byte, and what comes after it. */
export interface Branch {
  readonly leaf: Leaf;
  readonly rest: Expression;
}
