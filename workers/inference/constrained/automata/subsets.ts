// Makes a nondeterministic automaton deterministic: each state is a set of states (the subset construction).

import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import type { Nfa } from '../regex/nfa.ts';
import { remembered } from '../remembered.ts';
import { addWay, type TextDfa, trimmed } from './text-dfa.ts';

/** Undefined when no text matches. */
export function deterministic(nfa: Nfa, fuel: Fuel, place: string): TextDfa | undefined {
  const closure = closures(nfa, fuel, place);
  const sets: (readonly number[])[] = [];
  const states = new Map<string, number>();
  const stateOf = (set: readonly number[]) => {
    const key = set.join();
    let state = states.get(key);
    if (state !== undefined) return state;
    if (sets.length >= LIMITS.textStates) throw tooLarge(place, `a pattern of more than ${LIMITS.textStates} states`);
    state = sets.push(set) - 1;
    states.set(key, state);
    return state;
  };
  sets.push(closure([nfa.start], { start: true, end: false })); // the start is like no other state: ^ holds there
  const led = new Map<string, number>();
  const edges: number[][] = [];
  const accepting: boolean[] = [];
  for (let state = 0; state < sets.length; state++) {
    const set = sets[state]!;
    const ways: number[] = [];
    for (const { low, high, to } of waysFrom(nfa, set, fuel, place))
      addWay(
        ways,
        low,
        high,
        remembered(led, to.join(), () => stateOf(closure(to))),
      );
    edges.push(ways);
    accepting.push(closure(set, { start: state === 0, end: true }).includes(nfa.end));
  }
  return trimmed({ edges, accepting });
}

/** Which states are reached from some without taking a character; sorted. */
function closures(nfa: Nfa, fuel: Fuel, place: string) {
  return (from: readonly number[], holds = { start: false, end: false }): readonly number[] => {
    const reached = new Set(from);
    for (const state of reached)
      for (const { on, to } of nfa.states[state]!.free) if (on === 'always' || holds[on]) reached.add(to);
    fuel.spend(8 * reached.size + 10, place);
    if (nfa.everything !== undefined && reached.has(nfa.everything)) return [nfa.everything];
    // Of the others only those count from which something goes on.
    return [...reached].filter((state) => counts(nfa, state)).sort((a, b) => a - b);
  };
}

function counts(nfa: Nfa, state: number): boolean {
  const { set, free } = nfa.states[state]!;
  return set !== undefined || state === nfa.end || free.some(({ on }) => on !== 'always');
}

interface Way {
  readonly low: number;
  readonly high: number;
  readonly to: readonly number[];
}

/** Cuts the characters at every bound of the sets, and tells where each piece leads. */
function* waysFrom(nfa: Nfa, states: readonly number[], fuel: Fuel, place: string): Generator<Way> {
  const bounds: { readonly at: number; readonly to: number; readonly opens: boolean }[] = [];
  for (const state of states) {
    const { set, to } = nfa.states[state]!;
    for (let i = 0; set && i < set.length; i += 2)
      bounds.push({ at: set[i]!, to, opens: true }, { at: set[i + 1]! + 1, to, opens: false });
  }
  bounds.sort((a, b) => a.at - b.at);
  fuel.spend(8 * bounds.length, place);
  const open = new Map<number, number>();
  for (const [i, { at, to, opens }] of bounds.entries()) {
    open.set(to, (open.get(to) ?? 0) + (opens ? 1 : -1));
    if (open.get(to) === 0) open.delete(to);
    const next = bounds[i + 1]?.at ?? at;
    if (next > at && open.size > 0) yield { low: at, high: next - 1, to: [...open.keys()] };
  }
}
