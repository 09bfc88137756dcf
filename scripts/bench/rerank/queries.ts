// Queries with documents of real text: a sentence asks, paragraphs and sentences of many pages are to be ranked.

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

/** Ours are (1 + cosine) / 2. */
export function cosineOf(score: number): number {
  return 2 * score - 1;
}
