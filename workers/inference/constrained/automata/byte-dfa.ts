// A deterministic automaton over bytes as one flat table: what is walked while generating.

import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';

export const DEAD = 0xffff;

export interface ByteDfa {
  /** Unlike any other automaton's of this process: what is remembered of its states is kept by it. */
  readonly id: number;
  readonly states: number;
  /** Bytes that lead to the same states everywhere are of one class. */
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** State × classes + class → state, or DEAD. State 0 is the start; from every state an end is reached. */
  readonly next: Uint16Array;
  readonly accepting: Uint8Array;
  /** Whether a state is an end from which nothing goes on. */
  readonly final: Uint8Array;
}

export interface ByteWays {
  /** Of each state: [low, high, state, low, high, state …], disjoint. */
  readonly edges: readonly (readonly number[])[];
  readonly accepting: readonly boolean[];
}

let lastId = 0;

/** The states must all be alive, as those of a trimmed automaton are. */
export function byteDfa({ edges, accepting }: ByteWays, fuel: Fuel, place: string): ByteDfa {
  const states = edges.length;
  if (states > LIMITS.byteStates) throw tooLarge(place, `an automaton of more than ${LIMITS.byteStates} states`);
  const classOf = classesOf(edges);
  const classes = classOf[255]! + 1;
  if (states * classes > LIMITS.byteCells) throw tooLarge(place, `a table of more than ${LIMITS.byteCells} entries`);
  fuel.spend(2 * states * classes, place);
  const next = new Uint16Array(states * classes).fill(DEAD);
  for (const [state, ways] of edges.entries())
    for (let i = 0; i < ways.length; i += 3) {
      const last = classOf[ways[i + 1]!]!;
      for (let c = classOf[ways[i]!]!; c <= last; c++) next[state * classes + c] = ways[i + 2]!;
    }
  return {
    id: ++lastId,
    states,
    classOf,
    classes,
    next,
    accepting: Uint8Array.from(accepting, Number),
    final: Uint8Array.from(accepting, (is, state) => Number(is && edges[state]!.length === 0)),
  };
}

export function nextState(dfa: ByteDfa, state: number, byte: number): number {
  return dfa.next[state * dfa.classes + dfa.classOf[byte]!]!;
}

function classesOf(edges: ByteWays['edges']): Uint8Array {
  const begins = new Uint8Array(257);
  for (const ways of edges)
    for (let i = 0; i < ways.length; i += 3) {
      begins[ways[i]!] = 1;
      begins[ways[i + 1]! + 1] = 1;
    }
  let current = 0;
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte > 0 && begins[byte]) current++;
    return current;
  });
}
