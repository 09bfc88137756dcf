// How few tokens lead from each state of an automaton to an end: the shortest bytes, spelled in the fewest tokens.

import { type ByteDfa, nextState } from '../automata/byte-dfa.ts';
import { shortestWays } from './shortest-ways.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Infinity where every way has a byte that is no token. */
export function automatonCosts(vocabulary: Vocabulary, dfa: ByteDfa): Float64Array {
  const { order, bytes } = shortestWays(vocabulary, dfa);
  const costs = new Float64Array(dfa.states).fill(Number.POSITIVE_INFINITY);
  // In the order of their distance: a token along the shortest way leads to a state whose costs are known.
  for (const state of order) {
    if (dfa.accepting[state]) costs[state] = 0;
    let [node, at] = [0, state];
    while (bytes[at]! >= 0) {
      node = vocabulary.child(node, bytes[at]!);
      if (node < 0) break;
      at = nextState(dfa, at, bytes[at]!);
      if (vocabulary.token[node]! >= 0) costs[state] = Math.min(costs[state]!, 1 + costs[at]!);
    }
  }
  return costs;
}
