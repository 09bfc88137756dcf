// The tokenizer files that come beside safetensors weights: copied as they are, once they are known to be what they should.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ModelKind } from '../../engine.ts';
import { corrupt } from '../read/source-errors.ts';
import { checkTokenizer } from './check-tokenizer.ts';
import type { TokenizerFiles } from './gguf-tokenizer.ts';

const id = z.int().nonnegative();
const tokenizerSchema = z.looseObject({
  model: z.looseObject({
    type: z.string(),
    /** Token → id; of a Unigram model pairs of token and weight, in the order of their ids. */
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]).optional(),
  }),
  added_tokens: z.array(z.looseObject({ id })).nullish(),
});
const configSchema = z.looseObject({});

/** `vocabulary`: rows of the model's embedding table, of which every token needs one. `pairs`: as check-tokenizer.ts has it. */
export function readTokenizerFiles(
  tokenizerPath: string,
  configPath: string,
  vocabulary: number,
  pairs?: { readonly asksTypes: boolean },
): Omit<TokenizerFiles, 'endTokens'> {
  const tokenizer = readJson(tokenizerPath, tokenizerSchema, 'a tokenizer of the Hugging Face format');
  const highest = highestId(tokenizer);
  if (highest >= vocabulary)
    throw corrupt(
      tokenizerPath,
      `expected ids of tokens below ${vocabulary}, the rows of the model's embedding table, got ${highest}`,
    );
  const config = readJson(configPath, configSchema, 'settings of a tokenizer');
  checkTokenizer(tokenizerPath, tokenizer, config, pairs);
  return { tokenizer, config };
}

/** Of a ready-made graph, before it is known whether that asks for types. */
export function pairsOf(kind: ModelKind): { readonly asksTypes: boolean } | undefined {
  return kind === 'reranking' ? { asksTypes: false } : undefined;
}

function highestId({ model, added_tokens: added }: z.output<typeof tokenizerSchema>): number {
  const { vocab = [] } = model;
  let highest = Array.isArray(vocab) ? vocab.length - 1 : -1;
  if (!Array.isArray(vocab)) for (const its of Object.values(vocab)) if (its > highest) highest = its;
  for (const token of added ?? []) if (token.id > highest) highest = token.id;
  return highest;
}

function readJson<T>(path: string, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw corrupt(path, `expected ${what} (a JSON object), got something else`);
}
