// Queries with documents of real text: a sentence asks, paragraphs and sentences of many pages are to be ranked.

import { median } from '../measure.ts';
import type { Query } from '../rivals/transformers.ts';

const FEWEST = 20;
const MOST = 100;

/** Of 20 to 100 documents each, spread evenly over the queries; no document twice in a query where there are texts enough. */
export function rerankQueries(count: number, texts: readonly string[]): Query[] {
  let next = 0;
  return Array.from({ length: count }, (_, i) => {
    const size = count === 1 ? MOST : Math.round(FEWEST + ((MOST - FEWEST) * i) / (count - 1));
    const query = texts[(7 * i) % texts.length]!;
    const documents = Array.from({ length: size }, () => texts[next++ % texts.length]!);
    return { query, documents };
  });
}

type Scores = readonly (readonly number[])[];

/** How far our scores, (1 + cosine) / 2, are from cosines, and in how many queries both put the same document first. */
export function agreementOf(ours: Scores, cosines: Scores) {
  const apart = ours.flatMap((list, query) => list.map((score, i) => Math.abs(2 * score - 1 - cosines[query]![i]!)));
  const same = ours.filter((list, query) => firstOf(list) === firstOf(cosines[query]!));
  return { median: median(apart), most: Math.max(...apart), sameFirst: same.length };
}

function firstOf(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}
