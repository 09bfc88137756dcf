// What the sweep counts: requests, numbers and bytes that were compared, and those of them that differed.

import type { Answers } from './answers.ts';
import type { Difference } from './compare.ts';
import type { Round, StressRequest } from './round.ts';

export interface Compared {
  /** Embeddings, pairs of a query and a document, generations. */
  readonly count: number;
  readonly differ: number;
  readonly bytes: number;
  readonly differingBytes: number;
}

export interface Tally {
  readonly embeddings: Compared & { readonly numbers: number; readonly differingNumbers: number };
  readonly pairs: Compared;
  readonly generations: Compared & {
    readonly tokensIn: number;
    readonly tokensOut: number;
    readonly constrained: number;
    readonly drawn: number;
  };
  /** Requests that ran beside the others and were cancelled before they ended. */
  readonly cancelled: number;
}

const NOTHING: Compared = { count: 0, differ: 0, bytes: 0, differingBytes: 0 };
export const EMPTY: Tally = {
  embeddings: { ...NOTHING, numbers: 0, differingNumbers: 0 },
  pairs: NOTHING,
  generations: { ...NOTHING, tokensIn: 0, tokensOut: 0, constrained: 0, drawn: 0 },
  cancelled: 0,
};

export function tallied(
  { requests, mates }: Round,
  alone: Answers,
  together: Answers,
  differing: ReadonlyMap<StressRequest, Difference>,
): Tally {
  const tallies = requests.map((request) => tallyOf(request, alone, differing.get(request)));
  const cancelled = mates.filter(({ id }) => !together.has(id)).length;
  return tallies.reduce(added, { ...EMPTY, cancelled });
}

function tallyOf(request: StressRequest, alone: Answers, difference: Difference | undefined): Tally {
  const { embedding, result = '', tokensIn = 0, tokensOut = 0 } = alone.get(request.id)!.ending;
  const compared = (count: number): Compared => ({
    count,
    differ: difference ? count : 0,
    bytes: embedding?.byteLength ?? Buffer.byteLength(result),
    differingBytes: difference?.bytes ?? 0,
  });
  switch (request.type) {
    case 'embed': {
      const numbers = embedding?.length ?? 0;
      return { ...EMPTY, embeddings: { ...compared(1), numbers, differingNumbers: difference?.numbers ?? 0 } };
    }
    case 'rerank':
      return { ...EMPTY, pairs: compared(request.input.documents.length) };
    case 'generate': {
      const [constrained, drawn] = [request.input.constraint ? 1 : 0, request.input.temperature > 0 ? 1 : 0];
      return { ...EMPTY, generations: { ...compared(1), tokensIn, tokensOut, constrained, drawn } };
    }
  }
}

export function added(one: Tally, other: Tally): Tally {
  return {
    embeddings: sums(one.embeddings, other.embeddings),
    pairs: sums(one.pairs, other.pairs),
    generations: sums(one.generations, other.generations),
    cancelled: one.cancelled + other.cancelled,
  };
}

function sums<Numbers extends object>(one: Numbers, other: Numbers): Numbers {
  const names = Object.keys(one) as (keyof Numbers)[];
  return Object.fromEntries(names.map((name) => [name, Number(one[name]) + Number(other[name])])) as Numbers;
}

export function differ({ embeddings, pairs, generations }: Tally): number {
  return embeddings.differ + pairs.differ + generations.differ;
}
