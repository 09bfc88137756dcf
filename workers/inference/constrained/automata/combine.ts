// Texts in both of two automata, and texts in one but not in another: exact, by walking both at once.

import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import { addWay, type TextDfa, trimmed } from './text-dfa.ts';

export function both(a: TextDfa, b: TextDfa, fuel: Fuel, place: string): TextDfa | undefined {
  return walked(a, b, false, fuel, place);
}

export function without(a: TextDfa, b: TextDfa, fuel: Fuel, place: string): TextDfa | undefined {
  return walked(a, b, true, fuel, place);
}

/** Pairs of states; where the second automaton has no way on it is in the state −1, in which no text is. */
function walked(a: TextDfa, b: TextDfa, inverted: boolean, fuel: Fuel, place: string): TextDfa | undefined {
  const pairs: [number, number][] = [[0, 0]];
  const names = new Map<number, number>([[nameOf(a, b, 0, 0), 0]]);
  const stateOf = (x: number, y: number) => {
    if (y < 0 && !inverted) return -1;
    const name = nameOf(a, b, x, y);
    const known = names.get(name);
    if (known !== undefined) return known;
    if (pairs.length >= LIMITS.textStates) throw tooLarge(place, `texts of more than ${LIMITS.textStates} states`);
    names.set(name, pairs.length);
    return pairs.push([x, y]) - 1;
  };
  const edges: number[][] = [];
  const accepting: boolean[] = [];
  for (let state = 0; state < pairs.length; state++) {
    const [x, y] = pairs[state]!;
    const ways: number[] = [];
    const [left, right] = [a.edges[x]!, y < 0 ? [] : b.edges[y]!];
    fuel.spend(3 * (left.length + right.length) + 20, place);
    for (const [low, high, toA, toB] of pieces(left, right)) addWay(ways, low, high, stateOf(toA, toB));
    edges.push(ways);
    accepting.push(a.accepting[x]! && (y >= 0 && b.accepting[y]!) !== inverted);
  }
  return trimmed({ edges, accepting });
}

function nameOf(a: TextDfa, b: TextDfa, x: number, y: number): number {
  return x + (y + 1) * Math.max(a.edges.length, b.edges.length);
}

/** The ways of the first, cut where those of the second begin and end. */
function* pieces(left: readonly number[], right: readonly number[]): Generator<[number, number, number, number]> {
  let k = 0;
  for (let i = 0; i < left.length; i += 3) {
    const [high, to] = [left[i + 1]!, left[i + 2]!];
    let low = left[i]!;
    while (low <= high) {
      while (k < right.length && right[k + 1]! < low) k += 3;
      const inside = k < right.length && right[k]! <= low;
      const end = inside ? right[k + 1]! : k < right.length ? right[k]! - 1 : high;
      yield [low, Math.min(high, end), to, inside ? right[k + 2]! : -1];
      low = end + 1;
    }
  }
}
