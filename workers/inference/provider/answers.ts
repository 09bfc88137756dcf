// What a provider's answers have to look like. Nothing of them is quoted in an error: they may hold the user's text.

import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import type { GenerateOutput } from '../engine.ts';
import { ProviderFailure } from './provider-failure.ts';

const tokens = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
/** It stands in receipts, which are jsonb. */
const answeredBy = z
  .string()
  .max(200)
  .regex(/^\P{C}*$/u)
  .optional();

const Chat = z.object({
  model: answeredBy,
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }))
    .length(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }),
});

const Embeddings = z.object({
  model: answeredBy,
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.unknown()) })),
  usage: z.object({ prompt_tokens: tokens }),
});

/** Throws ProviderFailure for anything but a chat completion, InvalidInput where the provider's filter let no answer through. */
export function readChat(provider: string, json: unknown): GenerateOutput {
  const { model, choices, usage } = parsed(provider, Chat, json, 'a chat completion');
  const { message, finish_reason: finish } = choices[0]!;
  if (finish === 'content_filter')
    throw new SteadyTextError('InvalidInput', `the content filter of ${provider} let no answer through`);
  const text = message.content ?? '';
  if (typeof message.content !== 'string' || text.includes('\0'))
    throw new ProviderFailure(`${provider} answered with ${text === '' ? 'no text' : 'a NUL character'}`);
  return {
    text,
    tokensIn: usage.prompt_tokens,
    tokensOut: usage.completion_tokens,
    finish: finish === 'length' ? 'length' : 'end',
    ...(model !== undefined && { answeredBy: model }),
  };
}

export interface EmbeddingsAnswer {
  /** In the order of the texts. */
  readonly vectors: readonly Float32Array[];
  /** Of all texts together. */
  readonly tokens: number;
  readonly answeredBy: string | undefined;
}

/** Throws ProviderFailure for anything but one vector of that length a text, of finite numbers that are not all 0. */
export function readEmbeddings(
  provider: string,
  json: unknown,
  { texts, dimension }: { readonly texts: number; readonly dimension: number },
): EmbeddingsAnswer {
  const { model, data, usage } = parsed(provider, Embeddings, json, 'embeddings');
  if (data.length !== texts)
    throw new ProviderFailure(`${provider} answered with ${data.length} embeddings for ${texts} texts`);
  const vectors: Float32Array[] = [];
  for (const { index, embedding } of data) {
    if (index < 0 || index >= texts || vectors[index] !== undefined)
      throw new ProviderFailure(`${provider} answered with embeddings that are not one a text`);
    vectors[index] = toVector(provider, embedding, dimension);
  }
  return { vectors, tokens: usage.prompt_tokens, answeredBy: model };
}

function toVector(provider: string, numbers: readonly unknown[], dimension: number): Float32Array {
  if (numbers.length !== dimension)
    throw new ProviderFailure(
      `${provider} answered with ${numbers.length} numbers a vector, its dimension is configured as ${dimension}`,
    );
  // A text in it would be made a number, and a large number an infinity.
  const vector = numbers.every((number) => typeof number === 'number')
    ? Float32Array.from(numbers)
    : Float32Array.of(Number.NaN);
  if (!vector.every(Number.isFinite))
    throw new ProviderFailure(`${provider} answered with a vector that has something else than finite numbers`);
  if (vector.every((number) => number === 0)) throw new ProviderFailure(`${provider} answered with a vector of zeros`);
  return vector;
}

function parsed<Schema extends z.ZodType>(
  provider: string,
  schema: Schema,
  json: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  // The place alone: it is one of ours.
  const where = result.error.issues[0]!.path.join('.') || 'all of it';
  throw new ProviderFailure(`${provider} answered with something else than ${what} (${where})`);
}
