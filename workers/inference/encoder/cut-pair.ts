// Cuts a query and its documents into what a cross-encoder takes at once: [CLS] query [SEP] part of a document [SEP].

import type { TokenReader } from '../text/token-reader.ts';
import { type CutText, type Cutting, chunks, readIds } from './cut-text.ts';

export interface PairSpecials {
  readonly before: readonly number[];
  readonly between: readonly number[];
  readonly after: readonly number[];
}

export interface PairCutter {
  /** Whether the query was too long; known when a document has been cut. */
  readonly truncated: boolean;
  cut(document: string): Cutting;
}

/** A query has half of the room at most. Documents are cut into parts of what it leaves. */
export function pairCutter(
  reader: TokenReader,
  { before, between, after }: PairSpecials,
  query: string,
  maxTokens: number,
): PairCutter {
  const room = maxTokens - before.length - between.length - after.length;
  const mostOfQuery = Math.floor(room / 2);
  let start: readonly number[] | undefined;
  let truncated = false;
  return {
    get truncated() {
      return truncated;
    },
    *cut(document) {
      if (start === undefined) {
        const ids = yield* readIds(reader, query, mostOfQuery);
        truncated = ids.length > mostOfQuery;
        start = [...before, ...ids.slice(0, mostOfQuery), ...between];
      }
      const ids = yield* readIds(reader, document, Number.POSITIVE_INFINITY);
      return inParts(start, ids, after, maxTokens);
    },
  };
}

/** A document in parts, each between what stands before it, the query among that, and what stands after it. */
export function inParts(
  before: readonly number[],
  document: readonly number[],
  after: readonly number[],
  maxTokens: number,
): CutText {
  const first = before.length;
  const parts = chunks(document, 0, maxTokens - first - after.length);
  const sequences = parts.map((part) => ({ ids: [...before, ...part, ...after], first }));
  return {
    sequences,
    weights: parts.map(({ length }) => length),
    tokens: sequences.reduce((sum, { ids }) => sum + ids.length, 0),
    truncated: false,
    refused: false,
  };
}
