// The tokenizer files that come beside safetensors weights: copied as they are, once they are known to be what they should.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { corrupt } from '../read/source-errors.ts';
import type { TokenizerFiles } from './gguf-tokenizer.ts';

const tokenizerSchema = z.looseObject({ model: z.looseObject({ type: z.string() }) });
const configSchema = z.looseObject({});

export function readTokenizerFiles(tokenizerPath: string, configPath: string): Omit<TokenizerFiles, 'endTokens'> {
  return {
    tokenizer: readJson(tokenizerPath, tokenizerSchema, 'a tokenizer of the Hugging Face format'),
    config: readJson(configPath, configSchema, 'settings of a tokenizer'),
  };
}

function readJson(path: string, schema: z.ZodType<object>, what: string): object {
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
