// The shortest way from each state of an automaton to an end, in bytes that are tokens; of equally short ones the least.

import { type ByteDfa, DEAD } from '../automata/byte-dfa.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface ShortestWays {
  /** The states from which an end is reached, nearest first. */
  readonly order: Int32Array;
  readonly distance: Int32Array;
  /** The first byte of each state's way; −1 at an end. */
  readonly bytes: Int16Array;
}

export const UNREACHED = 0x7fffffff;

export function shortestWays(vocabulary: Vocabulary, dfa: ByteDfa): ShortestWays {
  const { states, classes, next } = dfa;
  const first = firstBytes(vocabulary, dfa);
  const usable = (cell: number) => next[cell] !== DEAD && first[cell % classes]! >= 0;
  // Who leads to each state, all in one array.
  const begins = new Int32Array(states + 1);
  for (let cell = 0; cell < next.length; cell++) if (usable(cell)) begins[next[cell]! + 1]!++;
  for (let state = 0; state < states; state++) begins[state + 1]! += begins[state]!;
  const from = new Int32Array(begins[states]!);
  const filled = begins.slice();
  for (let cell = 0; cell < next.length; cell++)
    if (usable(cell)) from[filled[next[cell]!]!++] = Math.floor(cell / classes);
  const distance = new Int32Array(states).fill(UNREACHED);
  const order = new Int32Array(states);
  let count = 0;
  const reach = (state: number, steps: number) => {
    if (distance[state] !== UNREACHED) return;
    distance[state] = steps;
    order[count++] = state;
  };
  for (let state = 0; state < states; state++) if (dfa.accepting[state]) reach(state, 0);
  for (let i = 0; i < count; i++)
    for (let k = begins[order[i]!]!; k < begins[order[i]! + 1]!; k++) reach(from[k]!, distance[order[i]!]! + 1);
  const bytes = new Int16Array(states).fill(-1);
  for (let cell = 0; cell < next.length; cell++) {
    const state = Math.floor(cell / classes);
    const byte = first[cell % classes]!;
    if (!usable(cell) || distance[next[cell]!] !== distance[state]! - 1) continue;
    if (bytes[state]! < 0 || byte < bytes[state]!) bytes[state] = byte;
  }
  return { order: order.subarray(0, count), distance, bytes };
}

/** The least byte of each class that is a token, or −1. */
function firstBytes(vocabulary: Vocabulary, { classOf, classes }: ByteDfa): Int16Array {
  const first = new Int16Array(classes).fill(-1);
  for (let byte = 255; byte >= 0; byte--) if (vocabulary.child(0, byte) >= 0) first[classOf[byte]!] = byte;
  return first;
}
