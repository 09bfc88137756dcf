// A regular expression as a tree: what the parser gives and the automaton is made of.

import type { CodePoints } from '../code-points.ts';

export type Regex =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly parts: readonly Regex[] }
  | { readonly kind: 'either'; readonly options: readonly Regex[] }
  | { readonly kind: 'repeat'; readonly of: Regex; readonly min: number; readonly max: number }
  /** ^ and $: hold at the very beginning and at the very end only. */
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };
