// What a rerank gives for documents that ran in parts: the best part's score counts.

import { SteadyTextError } from '../../errors.ts';
import type { RerankOutput } from '../engine.ts';
import type { Ran } from './batch.ts';
import { cosine } from './pooling.ts';

export const CANCELLED: RerankOutput = { scores: [], tokens: 0, truncated: false, chunks: 0, cancelled: true };

/** `query`: its tokens, where it ran by itself, and whether it was cut. */
export function bestScores<Result>(
  documents: readonly (Ran<Result> | undefined)[],
  score: (result: Result) => number,
  query: { readonly tokens: number; readonly truncated: boolean },
): RerankOutput {
  const ran = documents.filter((document) => document !== undefined);
  if (ran.length < documents.length) return CANCELLED;
  return {
    scores: ran.map(({ results }, i) => checkedScore(Math.max(...results.map(score)), i)),
    tokens: ran.reduce((sum, { tokens }) => sum + tokens, query.tokens),
    truncated: query.truncated,
    chunks: ran.reduce((sum, { results }) => sum + results.length, 0),
    cancelled: false,
  };
}

/** A not-a-number would be ranked anywhere. */
function checkedScore(score: number, document: number): number {
  if (score >= 0 && score <= 1) return score;
  throw new SteadyTextError('ModelUnsupported', `expected the score of document ${document} in 0..1, got ${score}`, {
    hint: 'Weights of this model overflow with this text; rank with another model, or without the document.',
  });
}

/** The cosine moved to 0..1; rounding may carry it a hair beyond. */
export function cosineScore(query: Float32Array, document: Float32Array): number {
  return Math.min(1, Math.max(0, (1 + cosine(query, document)) / 2));
}

/** 0.5 where the model is undecided. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
