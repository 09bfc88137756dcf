// rerank: a query and documents in, the documents by their scores out, as JSON text. An embedding model scores by closeness, a
// reranking model reads both together.

import { z } from 'zod';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { receiptOf, truncation } from './receipt.ts';

const Params = z.object({
  documents: z
    .array(z.string('expected a text'), 'expected an array of texts')
    .min(1, 'expected at least one document'),
  return_scores: z.boolean('expected true or false').default(true),
  seed,
});

export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly string[];
  readonly returnScores: boolean;
}

export const rerankHandler: Handler<RerankRequest> = {
  requestType: 'rerank',
  kinds: ['embedding', 'reranking'],

  // A request is a batch of its own (one text a document), so an engine needs few of them to be busy. 2,048 tokens take a second or
  // two.
  capacity: () => ({ perEngine: 4, perCall: 1, large: { above: 2048, perEngine: 2 } }),

  parse(request) {
    const query = requiredPrompt(request, 'query');
    const { documents, return_scores } = parseParams(Params, request);
    return { query, documents, returnScores: return_scores };
  },

  async run(attempts, { engine, model, origin }, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const { query, documents, returnScores } = attempt.input;
        const output = await engine.rerank({ id: attempt.id, model: model.name, query, documents });
        if (output.cancelled) return;
        const result = JSON.stringify(ranked(documents, output.scores, returnScores));
        const run = {
          texts: [query, ...documents],
          parameters: { return_scores: returnScores },
          output: result,
          tokensIn: output.tokens,
          flags: {
            ...truncation(output.truncated),
            ...(output.chunks > documents.length && { chunks: output.chunks }),
          },
        };
        settle(attempt, {
          outcome: 'completed',
          result,
          tokensIn: output.tokens,
          ...(model.digest !== null && { modelDigest: model.digest }),
          receipt: receiptOf(origin, run),
        });
      }),
    );
  },
};

/** Best first; equal scores keep the order of the input. */
export function ranked(documents: readonly string[], scores: readonly number[], returnScores: boolean): object[] {
  return documents
    .map((document, index) => ({ index, document, score: scores[index]! }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ index, document, score }) => (returnScores ? { index, document, score } : { index, document }));
}
