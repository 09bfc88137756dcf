// generate: prompt in, text out. Each request is a slot in an engine's decoding loop.

import { z } from 'zod';
import { SteadyTextError } from '../errors.ts';
import type { ConstraintSpec } from '../inference/constrained/compile-constraint.ts';
import { constraintOf, constraintParameters } from './constraint.ts';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { answeredBy, receiptOf } from './receipt.ts';

const Params = z.object({
  max_tokens: z
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(4096, 'expected at most 4096')
    .default(512),
  temperature: z.number('expected a number').min(0, 'expected at least 0').default(0),
  eos_string: z.string('expected a text').nullish(),
  seed,
  top_k: z.int('expected a whole number').min(0, 'expected at least 0').optional(),
  top_p: z.number('expected a number').gt(0, 'expected more than 0').max(1, 'expected at most 1').optional(),
  min_tokens: z.int('expected a whole number').min(0, 'expected at least 0').default(0),
  stop: z.array(z.string('expected a text'), 'expected an array of texts').max(16, 'expected at most 16').default([]),
  schema: z.unknown().optional(),
  pattern: z.string('expected a text').optional(),
  choices: z.array(z.string('expected a text'), 'expected an array of texts').optional(),
  stream: z.boolean('expected true or false').default(false),
});

export interface GenerateRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly temperature: number;
  readonly seed: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minTokens?: number;
  readonly constraint?: ConstraintSpec;
  /** Its text is read while it is made. */
  readonly streamed?: true;
}

/** Tokens of a prompt above which a generation is a long one, and that one takes in memory with its answer. */
const LONG = 768;
const LONG_WITH_ANSWER = 1024;
/** A prompt that takes more of an engine's memory for keys and values is long too: three such fill it before they are read. */
const LONG_SHARE = 3 / 8;

/** The documented default of eos_string; it stands for the model's own end of turn. */
const MODELS_OWN_END = '[EOS]';

export const generateHandler: Handler<GenerateRequest> = {
  requestType: 'generate',
  kinds: ['text'],

  // No prefetch: a free slot is filled within one claim, a few milliseconds against tens of them for a token. One that is not
  // begun is there when the next turn comes; a long prompt may have to wait for the end of others, for all that an engine has
  // memory for, and six of them held up other users' for half a minute while another worker stood idle.
  capacity({ generateSlots, kvCacheMb }, { tokenBytes, concurrent }) {
    // A provider's, or one of the hub, whose engine runs one after the other.
    if (tokenBytes === null) return { perEngine: concurrent ?? 1, perCall: 1 };
    const room = (kvCacheMb * 2 ** 20) / tokenBytes;
    const fit = Math.min(generateSlots - 1, Math.floor(room / LONG_WITH_ANSWER));
    const above = Math.min(LONG, Math.floor(LONG_SHARE * room));
    return { perEngine: generateSlots, unbegun: 1, perCall: 1, large: { above, perEngine: Math.max(1, fit) } };
  },

  parse(request) {
    const prompt = requiredPrompt(request, 'prompt');
    const params = parseParams(Params, request);
    const { max_tokens, min_tokens, temperature, eos_string, seed, top_k, top_p } = params;
    if (min_tokens > max_tokens) {
      const expected = `expected at most max_tokens (${max_tokens})`;
      throw new SteadyTextError('InvalidInput', `min_tokens: ${expected}, got ${min_tokens}`);
    }
    const constraint = constraintOf(params);
    const own = eos_string && eos_string !== MODELS_OWN_END ? [eos_string] : [];
    return {
      prompt,
      maxTokens: max_tokens,
      stop: [...own, ...params.stop],
      temperature,
      seed,
      ...(top_k === undefined ? {} : { topK: top_k }),
      ...(top_p === undefined ? {} : { topP: top_p }),
      ...(min_tokens === 0 ? {} : { minTokens: min_tokens }),
      ...(constraint === undefined ? {} : { constraint }),
      ...(params.stream && { streamed: true }),
    };
  },

  async run(attempts, { engine, model, origin }, settle, begin, show = () => undefined) {
    // Else another attempt may come to another text, whose beginning is not what was shown.
    const comesAgain = model.digest !== null && model.deterministic !== false;
    await Promise.all(
      attempts.map(async (attempt) => {
        const { streamed, ...input } = attempt.input;
        const shows = comesAgain && streamed === true;
        const output = await engine.generate(
          { id: attempt.id, model: model.name, ...input },
          shows ? (piece) => show(attempt, piece) : undefined,
          (begun) => {
            begin(attempt, begun);
            if (shows && begun) show(attempt, '');
          },
        );
        const { text, tokensIn, tokensOut, finish } = output;
        if (finish === 'cancelled') return;
        const run = {
          texts: [attempt.input.prompt],
          parameters: parametersOf(attempt.input),
          output: text,
          tokensIn,
          tokensOut,
          flags: { finish, ...answeredBy(output) },
        };
        settle(attempt, {
          outcome: 'completed',
          result: text,
          tokensIn,
          tokensOut,
          ...(model.digest !== null && { modelDigest: model.digest }),
          receipt: receiptOf(origin, run),
        });
      }),
    );
  },
};

/** In SQL's words. Undefined ones are not written: they leave the choice of tokens as it is without them. */
function parametersOf(input: GenerateRequest) {
  const { maxTokens, stop, temperature, seed, topK, topP, minTokens, constraint } = input;
  return {
    ...{ max_tokens: maxTokens, stop, temperature, seed, top_k: topK, top_p: topP, min_tokens: minTokens },
    ...(constraint && constraintParameters(constraint)),
  };
}
