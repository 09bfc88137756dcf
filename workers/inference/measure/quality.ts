// How near a number format is to fp32, as figures. Pure arithmetic.

import { cosine } from '../encoder/pooling.ts';
import type { WindowLoss } from './foresee.ts';

export interface TextQuality {
  readonly kind: 'text';
  readonly perplexity: number;
  /** Perplexity over that of fp32, less 1: 0.005 is half a percent more; and where it lies with 95 % certainty. */
  readonly excess: number;
  readonly interval: readonly [least: number, most: number];
  readonly tokens: number;
}

export interface EmbeddingQuality {
  readonly kind: 'embedding';
  readonly medianCosine: number;
  readonly leastCosine: number;
  readonly texts: number;
}

export interface RerankingQuality {
  readonly kind: 'reranking';
  readonly largestDifference: number;
  /** Of the pairs of documents of a query, the share that stands in the order of fp32. */
  readonly sameOrder: number;
  readonly pairs: number;
}

export type Quality = TextQuality | EmbeddingQuality | RerankingQuality;

/** The interval is of the windows' differences, by Student's t: windows stand apart, tokens of one do not. */
export function textQuality(losses: readonly WindowLoss[], exact: readonly WindowLoss[]): TextQuality {
  const tokens = sum(losses.map((window) => window.tokens));
  const differences = losses.map(({ loss, tokens: its }, i) => (loss - exact[i]!.loss) / its);
  const mean = sum(losses.map(({ loss }, i) => loss - exact[i]!.loss)) / tokens;
  const freedom = differences.length - 1;
  const center = sum(differences) / differences.length;
  const variance = sum(differences.map((its) => (its - center) ** 2)) / Math.max(1, freedom);
  // Of one window nothing is known.
  const half = freedom < 1 ? Number.POSITIVE_INFINITY : student(freedom) * Math.sqrt(variance / differences.length);
  return {
    kind: 'text',
    perplexity: Math.exp(sum(losses.map(({ loss }) => loss)) / tokens),
    excess: Math.expm1(mean),
    interval: [Math.expm1(mean - half), Math.min(Number.MAX_VALUE, Math.expm1(mean + half))],
    tokens,
  };
}

export function embeddingQuality(vectors: readonly Float32Array[], exact: readonly Float32Array[]): EmbeddingQuality {
  // What is no number is as far away as can be; among others it would stand wherever the sort leaves it.
  const cosines = vectors
    .map((vector, i) => cosine(vector, exact[i]!))
    .map((value) => (Number.isNaN(value) ? -1 : value))
    .toSorted((a, b) => a - b);
  const texts = cosines.length;
  return { kind: 'embedding', medianCosine: cosines[texts >> 1]!, leastCosine: cosines[0]!, texts };
}

/** One list of scores a query. */
export function rerankingQuality(
  scores: readonly (readonly number[])[],
  exact: readonly (readonly number[])[],
): RerankingQuality {
  const differences = scores.flatMap((list, query) => list.map((score, i) => Math.abs(score - exact[query]![i]!)));
  let [same, pairs] = [0, 0];
  for (const [query, list] of scores.entries())
    for (let i = 0; i < list.length; i++)
      for (let j = 0; j < i; j++, pairs++)
        if (Math.sign(list[i]! - list[j]!) === Math.sign(exact[query]![i]! - exact[query]![j]!)) same++;
  return { kind: 'reranking', largestDifference: Math.max(...differences), sameOrder: same / pairs, pairs };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 97.5 % of Student's t, by the expansion about the normal distribution's: 2.31 of 2.31 for 8, 3.04 of 3.18 for 3. */
function student(freedom: number): number {
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
