// embed: text in, vector out. Many requests go to an engine as one batch; it sorts and cuts them as it likes.

import { z } from 'zod';
import { type ErrorName, isSteadyTextError, SteadyTextError } from '../errors.ts';
import type { EmbedInput, EmbedOutput, ServedModel } from '../inference/engine.ts';
import type { Attempt, Ending, Handler, ModelHost } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { answeredBy, receiptOf, truncation } from './receipt.ts';

const Params = z.object({
  seed,
  on_long_text: z.enum(['truncate', 'refuse', 'average'], 'expected truncate, refuse or average').default('truncate'),
  dimension: z.int('expected a whole number').min(1, 'expected at least 1').nullish(),
});

export interface EmbedRequest {
  readonly text: string;
  readonly options: Pick<EmbedInput, 'longTexts' | 'dimension'>;
}

export const embedHandler: Handler<EmbedRequest> = {
  requestType: 'embed',
  kinds: ['embedding'],

  // One batch runs, the next is already there when it ends; so with long texts that are averaged over their parts: one of 99 kB
  // takes 10 s, as two batches of others do.
  capacity: ({ embedBatch }, { concurrent }) =>
    concurrent === undefined
      ? {
          perEngine: 2 * embedBatch,
          perCall: embedBatch,
          large: { above: 512, perEngine: Math.min(2, embedBatch) },
        }
      : { perEngine: concurrent * embedBatch, perCall: embedBatch },

  parse(request) {
    const { on_long_text: longTexts, dimension } = parseParams(Params, request);
    const text = requiredPrompt(request, 'text');
    return { text, options: { longTexts, ...(dimension != null && { dimension }) } };
  },

  async run(attempts, { engine, model, origin }, settle) {
    const ended = await Promise.allSettled(
      sameOptions(attempts).map(async (some) => {
        const { options } = some[0]!.input;
        const texts = some.map(({ input }) => input.text);
        const output = await engine
          .embed({ model: model.name, texts, ids: some.map(({ id }) => id), ...options })
          .catch((error) => Promise.reject(naming(options.dimension, error)));
        for (const [i, attempt] of some.entries()) {
          if (output.cancelled[i]) continue;
          const vector = output.vectors[i]!;
          if (output.refused[i]) settle(attempt, tooLong(output.tokens[i]!, model));
          else if (!vector.every(Number.isFinite)) settle(attempt, notFinite(model));
          else settle(attempt, embedded(attempt, output, i, { model, origin }));
        }
      }),
    );
    // Thrown when all calls have ended: what is not settled then is what failed, and nothing of it still runs.
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  },
};

function embedded(
  { input }: Attempt<EmbedRequest>,
  output: EmbedOutput,
  i: number,
  { model, origin }: Pick<ModelHost, 'model' | 'origin'>,
): Ending {
  const [embedding, tokensIn, chunks] = [output.vectors[i]!, output.tokens[i]!, output.chunks[i]!];
  const { longTexts, dimension } = input.options;
  const parameters = { on_long_text: longTexts, ...(dimension !== undefined && { dimension }) };
  const flags = { ...truncation(output.truncated[i]!), ...(chunks > 1 && { chunks }), ...answeredBy(output) };
  return {
    outcome: 'completed',
    embedding,
    tokensIn,
    ...(model.digest !== null && { modelDigest: model.digest }),
    receipt: receiptOf(origin, { texts: [input.text], parameters, output: embedding, tokensIn, flags }),
  };
}

/** A dimension that a model does not have may come of a setting, which whoever reads of it has to know. */
function naming(dimension: number | undefined, error: unknown): unknown {
  if (dimension === undefined || !isSteadyTextError(error, 'InvalidInput')) return error;
  const where = `the ${dimension} came of dimension, or of the setting steadytext.embedding_dimensions`;
  return new SteadyTextError('InvalidInput', `${error.message}; ${where}`, { cause: error });
}

/** A call of the engine has options for all of its texts. */
function sameOptions(attempts: readonly Attempt<EmbedRequest>[]): Attempt<EmbedRequest>[][] {
  return [...Map.groupBy(attempts, ({ input }) => JSON.stringify(input.options)).values()];
}

function notFinite({ name }: ServedModel): Ending {
  const error: ErrorName = 'NotFinite';
  const what = `expected an embedding of numbers of ${name}, NaN or an infinity came`;
  return { outcome: 'failed', error: `${error}: ${what}; change the text, or use another model` };
}

/** Its mates have their vectors, so it is settled and not thrown. */
function tooLong(tokens: number, { name, maxTokens }: ServedModel): Ending {
  const error: ErrorName = 'InputTooLong';
  const what = `expected a text of at most ${maxTokens} tokens for ${name}, one of ${tokens} came`;
  return { outcome: 'failed', error: `${error}: ${what}; shorten it, or let on_long_text be 'truncate' or 'average'` };
}
