// A deterministic automaton over characters: a set of texts, whatever they are encoded in.

import type { CodePoints } from '../code-points.ts';

export interface TextDfa {
  /** State 0 is the start. Ways from each state: sorted, disjoint [low, high, state, …]. No state is a dead end. */
  readonly edges: readonly (readonly number[])[];
  readonly accepting: readonly boolean[];
}

/** Leaves out the states from which no end is reached; undefined when the start is one of them. */
export function trimmed({ edges, accepting }: TextDfa): TextDfa | undefined {
  const cameFrom: number[][] = edges.map(() => []);
  for (const [from, ways] of edges.entries()) for (let i = 2; i < ways.length; i += 3) cameFrom[ways[i]!]!.push(from);
  const alive = [...accepting];
  const waiting = [...alive.keys()].filter((state) => alive[state]);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop())
    for (const from of cameFrom[state]!) {
      if (alive[from]) continue;
      alive[from] = true;
      waiting.push(from);
    }
  if (!alive[0]) return undefined;
  let count = 0;
  const renamed = alive.map((is) => (is ? count++ : -1));
  return {
    edges: edges.filter((_, state) => alive[state]).map((ways) => renamedWays(ways, renamed)),
    accepting: accepting.filter((_, state) => alive[state]),
  };
}

function renamedWays(ways: readonly number[], renamed: readonly number[]): number[] {
  const kept: number[] = [];
  for (let i = 0; i < ways.length; i += 3) addWay(kept, ways[i]!, ways[i + 1]!, renamed[ways[i + 2]!]!);
  return kept;
}

/** Adds a way above those that are there; none to a negative state. Neighbours that lead to the same state become one. */
export function addWay(ways: number[], low: number, high: number, to: number): void {
  if (to < 0) return;
  if (ways.length > 0 && ways.at(-1) === to && ways.at(-2) === low - 1) ways[ways.length - 2] = high;
  else ways.push(low, high, to);
}

/** Every text with so many characters. */
export function textsOfLength(min: number, max: number, set: CodePoints): TextDfa {
  const last = max === Number.POSITIVE_INFINITY ? min : max;
  const edges = Array.from({ length: last + 1 }, (_, state) => {
    const to = state < last ? state + 1 : max === last ? -1 : state;
    const ways: number[] = [];
    for (let i = 0; i < set.length; i += 2) addWay(ways, set[i]!, set[i + 1]!, to);
    return ways;
  });
  return { edges, accepting: edges.map((_, state) => state >= min) };
}

/** Exactly the given texts. */
export function textsOf(texts: Iterable<string>): TextDfa {
  const nodes: { next: Map<number, number>; accepting: boolean }[] = [{ next: new Map(), accepting: false }];
  for (const text of texts) {
    let at = 0;
    for (const character of text) {
      const point = character.codePointAt(0)!;
      if (!nodes[at]!.next.has(point))
        nodes[at]!.next.set(point, nodes.push({ next: new Map(), accepting: false }) - 1);
      at = nodes[at]!.next.get(point)!;
    }
    nodes[at]!.accepting = true;
  }
  const edges = nodes.map(({ next }) =>
    [...next].sort(([a], [b]) => a - b).flatMap(([point, to]) => [point, point, to]),
  );
  return { edges, accepting: nodes.map(({ accepting }) => accepting) };
}

export function matches({ edges, accepting }: TextDfa, text: string): boolean {
  let state = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const ways = edges[state]!;
    let to = -1;
    for (let i = 0; i < ways.length; i += 3) if (point >= ways[i]! && point <= ways[i + 1]!) to = ways[i + 2]!;
    if (to < 0) return false;
    state = to;
  }
  return accepting[state]!;
}
