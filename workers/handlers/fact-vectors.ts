// What extract_facts and deduplicate_facts have in common: vectors of many texts, by one call of the engine, and how they end.

import { SteadyTextError } from '../errors.ts';
import type { Attempt, Capacity, ModelHost } from './handler.ts';
import { receiptOf } from './receipt.ts';

/** One request is a batch of texts, as a rerank is. */
export const factsCapacity = (): Capacity => ({ perEngine: 4, perCall: 1, large: { above: 2048, perEngine: 1 } });

/** Undefined when it was cancelled. */
export async function vectorsOf(
  { id }: Pick<Attempt<unknown>, 'id'>,
  { engine, model }: ModelHost,
  texts: readonly string[],
) {
  if (texts.length === 0) return { vectors: [], tokens: 0 };
  const output = await engine.embed({ model: model.name, texts, ids: texts.map(() => id) });
  if (output.cancelled.some(Boolean)) return undefined;
  for (const vector of output.vectors)
    if (!vector.every(Number.isFinite))
      throw new SteadyTextError(
        'NotFinite',
        `expected an embedding of numbers of ${model.name}, NaN or an infinity came`,
      );
  return { vectors: output.vectors, tokens: output.tokens.reduce((sum, tokens) => sum + tokens, 0) };
}

export function factsEnding(
  { model, origin }: ModelHost,
  text: string,
  parameters: object,
  result: string,
  tokensIn: number,
) {
  return {
    outcome: 'completed' as const,
    result,
    tokensIn,
    ...(model.digest !== null && { modelDigest: model.digest }),
    receipt: receiptOf(origin, { texts: [text], parameters: { ...parameters }, output: result, tokensIn }),
  };
}
