// rerank: a query and documents in, the documents by their scores out, as JSON text. An embedding model scores by closeness, a
// reranking model reads both together, and one that is a decoder reads the request's task with them.

import { z } from 'zod';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { receiptOf, truncation } from './receipt.ts';

const Params = z.object({
  documents: z
    .array(z.string('expected a text'), 'expected an array of texts')
    .min(1, 'expected at least one document'),
  task: z.string('expected a text').optional(),
  return_scores: z.boolean('expected true or false').default(true),
  seed,
});

export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly string[];
  /** For models that take an instruction. */
  readonly task?: string;
  readonly returnScores: boolean;
}

export const rerankHandler: Handler<RerankRequest> = {
  requestType: 'rerank',
  kinds: ['embedding', 'reranking'],

  // A request is a batch of its own (one text a document), so an engine needs few of them to be busy. 2,048 tokens take an encoder a
  // second or two. A decoder, which alone has memory for keys and values, reads a tenth as many a second (AVX2: SmolLM2-135M in nb8
  // 100 beside 1,250 of MiniLM in row8u), and its question with each document.
  capacity: (_, { tokenBytes }) =>
    tokenBytes === null
      ? { perEngine: 4, perCall: 1, large: { above: 2048, perEngine: 2 } }
      : { perEngine: 2, perCall: 1, large: { above: 256, perEngine: 1 } },

  parse(request) {
    const query = requiredPrompt(request, 'query');
    const { documents, task, return_scores } = parseParams(Params, request);
    return { query, documents, ...(task !== undefined && { task }), returnScores: return_scores };
  },

  async run(attempts, { engine, model, origin }, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const { query, documents, task, returnScores } = attempt.input;
        const instruction = model.takesInstruction ? task : undefined;
        const output = await engine.rerank({
          ...{ id: attempt.id, model: model.name, query, documents },
          ...(instruction !== undefined && { instruction }),
        });
        if (output.cancelled) return;
        const result = JSON.stringify(ranked(documents, output.scores, returnScores));
        const run = {
          texts: [query, ...documents],
          parameters: { return_scores: returnScores, ...(instruction !== undefined && { task: instruction }) },
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
