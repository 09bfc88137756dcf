// generate: prompt in, text out. Each request is a slot in an engine's decoding loop.

import { z } from 'zod';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';

const Params = z.object({
  max_tokens: z
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(4096, 'expected at most 4096')
    .default(512),
  temperature: z.number('expected a number').min(0, 'expected at least 0').default(0),
  eos_string: z.string('expected a text').nullish(),
  seed,
});

export interface GenerateRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly temperature: number;
  readonly seed: number;
}

/** The documented default of eos_string; it stands for the model's own end of turn. */
const MODELS_OWN_END = '[EOS]';

export const generateHandler: Handler<GenerateRequest> = {
  requestType: 'generate',
  kinds: ['text'],

  // No prefetch: a free slot is filled within one claim, a few milliseconds against tens of them for a token.
  capacity: ({ generateSlots }) => ({ perEngine: generateSlots, perCall: 1 }),

  parse(request) {
    const prompt = requiredPrompt(request, 'prompt');
    const { max_tokens, temperature, eos_string, seed } = parseParams(Params, request);
    const stop = eos_string && eos_string !== MODELS_OWN_END ? [eos_string] : [];
    return { prompt, maxTokens: max_tokens, stop, temperature, seed };
  },

  async run(attempts, { engine, model, receipt }, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const output = await engine.generate({ id: attempt.id, model: model.name, ...attempt.input });
        if (output.finish === 'cancelled') return;
        settle(attempt, {
          outcome: 'completed',
          result: output.text,
          tokensIn: output.tokensIn,
          tokensOut: output.tokensOut,
          modelDigest: model.digest,
          receipt: { ...receipt, finish: output.finish },
        });
      }),
    );
  },
};
