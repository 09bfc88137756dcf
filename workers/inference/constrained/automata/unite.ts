// Several automata as one that reads what any of them reads, so that a place where they all may go on costs one walk over the
// vocabulary: the subset construction over bytes, as long as it stays small.

import { type Fuel, LIMITS } from '../limits.ts';
import { remembered } from '../remembered.ts';
import { type ByteDfa, byteDfa, DEAD } from './byte-dfa.ts';
import { addWay } from './text-dfa.ts';

export interface Place {
  readonly dfa: ByteDfa;
  readonly state: number;
}

/** The end that nothing follows is the same one in all automata. */
const FINAL = -1;
/** Names of states: so many of each automaton, which has fewer. */
const STATES = 65_536;

/** Undefined when it would be too large: more states than twice those of all parts, or more work than it saves. */
export function united(places: readonly Place[], fuel: Fuel, place: string): ByteDfa | undefined {
  const most = Math.min(LIMITS.byteStates, 1_000 + 2 * places.reduce((sum, { dfa }) => sum + dfa.states, 0));
  const ranges = commonRanges(places);
  const sets: (readonly number[])[] = [];
  const names = new Map<string, number>();
  const stateOf = (set: readonly number[]) => remembered(names, set.join(), () => sets.push(set) - 1);
  stateOf(places.map(({ state }, i) => i * STATES + state));
  const edges: number[][] = [];
  const accepting: boolean[] = [];
  let steps = 0;
  for (let state = 0; state < sets.length; state++) {
    const set = sets[state]!;
    const work = ranges.length * (2 * set.length + 4);
    fuel.spend(work, place);
    steps += work;
    if (sets.length > most || steps > LIMITS.unionSteps) return undefined;
    const ways: number[] = [];
    for (const [low, high] of ranges) {
      const to = reached(places, set, low);
      if (to.length > 0) addWay(ways, low, high, stateOf(to));
    }
    edges.push(ways);
    accepting.push(set.some((name) => isEnd(places, name)));
  }
  return byteDfa({ edges, accepting }, fuel, place);
}

/** One state of each automaton at most, in their order; what ended first. */
function reached(places: readonly Place[], set: readonly number[], byte: number): number[] {
  const to: number[] = [];
  let ended = false;
  for (const name of set) {
    if (name === FINAL) continue;
    const index = Math.floor(name / STATES);
    const { next, classes, classOf, final } = places[index]!.dfa;
    const state = next[(name % STATES) * classes + classOf[byte]!]!;
    if (state === DEAD) continue;
    if (final[state]) ended = true;
    else to.push(index * STATES + state);
  }
  if (ended) to.unshift(FINAL);
  return to;
}

function isEnd(places: readonly Place[], name: number): boolean {
  return name === FINAL || places[Math.floor(name / STATES)]!.dfa.accepting[name % STATES] === 1;
}

/** Bytes that are of one class in every automaton, as ranges. */
function commonRanges(places: readonly Place[]): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (let byte = 0; byte < 256; byte++)
    if (byte > 0 && places.every(({ dfa: { classOf } }) => classOf[byte] === classOf[byte - 1]))
      ranges.at(-1)![1] = byte;
    else ranges.push([byte, byte]);
  return ranges;
}
