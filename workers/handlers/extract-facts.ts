// extract_facts: the sentences of a text that say most of it, word by word. An embedding model says what is near, and makes nothing up.

import { z } from 'zod';
import { candidateSentences, centralOnes } from './choose-facts.ts';
import { factsCapacity, factsEnding, vectorsOf } from './fact-vectors.ts';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';

const Params = z.object({
  max_facts: z.int('expected a whole number').min(1, 'expected at least 1').max(50, 'expected at most 50').default(10),
  seed,
});

export interface ExtractRequest {
  readonly text: string;
  readonly maxFacts: number;
}

export const extractFactsHandler: Handler<ExtractRequest> = {
  requestType: 'extract_facts',
  kinds: ['embedding'],
  capacity: factsCapacity,

  parse(request) {
    const text = requiredPrompt(request, 'text');
    return { text, maxFacts: parseParams(Params, request).max_facts };
  },

  async run(attempts, host, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const { text, maxFacts } = attempt.input;
        const candidates = candidateSentences(text);
        // Fewer than may be are all taken, and nothing has to be compared.
        const embedded = await vectorsOf(attempt, host, candidates.length > maxFacts ? candidates : []);
        if (embedded === undefined) return;
        const { vectors, tokens } = embedded;
        const facts = vectors.length === 0 ? candidates : centralOnes(vectors, maxFacts).map((i) => candidates[i]!);
        const result = JSON.stringify({ facts });
        settle(attempt, factsEnding(host, text, { max_facts: maxFacts }, result, tokens));
      }),
    );
  },
};
