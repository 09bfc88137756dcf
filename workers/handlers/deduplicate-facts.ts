// deduplicate_facts: which of some facts say something new, by their embeddings. Each comes out as it came.

import { setImmediate as afterEvents } from 'node:timers/promises';
import { z } from 'zod';
import { SteadyTextError } from '../errors.ts';
import { dot } from './choose-facts.ts';
import { factsCapacity, factsEnding, vectorsOf } from './fact-vectors.ts';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';

const Params = z.object({
  similarity_threshold: z
    .number('expected a number')
    .min(0, 'expected at least 0')
    .max(1, 'expected at most 1')
    .default(0.85),
  seed,
});

const Facts = z.array(z.union([z.string(), z.looseObject({ text: z.string() })]));

export interface DeduplicateRequest {
  readonly prompt: string;
  readonly facts: z.output<typeof Facts>;
  readonly threshold: number;
}

export const deduplicateFactsHandler: Handler<DeduplicateRequest> = {
  requestType: 'deduplicate_facts',
  kinds: ['embedding'],
  capacity: factsCapacity,

  parse(request) {
    const prompt = requiredPrompt(request, 'JSON array of facts');
    const facts = Facts.safeParse(parsedJson(prompt));
    if (!facts.success)
      throw new SteadyTextError(
        'InvalidInput',
        'expected a JSON array of texts, or of objects with a text, got other JSON',
      );
    return { prompt, facts: facts.data, threshold: parseParams(Params, request).similarity_threshold };
  },

  async run(attempts, host, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const { prompt, facts, threshold } = attempt.input;
        const texts = facts.map((fact) => (typeof fact === 'string' ? fact : fact.text));
        // One alone, and none, say nothing twice.
        const embedded = await vectorsOf(attempt, host, texts.length > 1 ? texts : []);
        if (embedded === undefined) return;
        const { vectors, tokens } = embedded;
        if (vectors.length === 0)
          return settle(
            attempt,
            factsEnding(host, prompt, { similarity_threshold: threshold }, JSON.stringify(facts), 0),
          );
        const kept: number[] = [];
        const seen = new Set<string>();
        for (const [i, vector] of vectors.entries()) {
          // 2,000 facts are 2 million comparisons: half a second, in which leases have to be renewed.
          if (i % 64 === 63) await afterEvents();
          const isNew = !seen.has(texts[i]!) && kept.every((k) => dot(vectors[k]!, vector) <= threshold);
          seen.add(texts[i]!);
          if (isNew) kept.push(i);
        }
        const result = JSON.stringify(kept.map((i) => facts[i]));
        settle(attempt, factsEnding(host, prompt, { similarity_threshold: threshold }, result, tokens));
      }),
    );
  },
};

/** Of ES2026, which Node has and TypeScript's library does not yet. */
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source: string }) => unknown): unknown;
  rawJSON(source: string): unknown;
};

function parsedJson(text: string): unknown {
  try {
    // Numbers as they were written: a number of JSON may have more digits than one here.
    return parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value));
  } catch {
    return undefined;
  }
}
