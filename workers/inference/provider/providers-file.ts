// The file of STEADYTEXT_PROVIDERS: which OpenAI-compatible HTTP servers this worker asks, with which keys, for which models.

import { accessSync, constants, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { CONFIG_VARIABLES, type Environment } from '../../config.ts';
import { SteadyTextError } from '../../errors.ts';
import { type KeySource, keyInFile, keyInVariable } from './provider-key.ts';

export interface ProviderModel {
  /** As the provider calls it; requests say `provider:name`. */
  readonly name: string;
  readonly kind: 'text' | 'embedding';
  readonly dimension: number | null;
}

export interface Provider {
  readonly name: string;
  /** Without a slash at its end; `/chat/completions` and `/embeddings` follow. */
  readonly url: string;
  readonly key: KeySource | null;
  readonly models: readonly ProviderModel[];
  /** For the whole of an answer. */
  readonly timeoutMs: number;
  /** Calls under way at the same time. */
  readonly concurrent: number;
  /** Longest input in tokens, as told of its models: the provider decides. */
  readonly maxTokens: number;
}

const ADDRESS = 'expected an address that begins with https:// or http://, without a password, ? and #';
const MODEL = 'expected the name of a model as the provider has it: printable characters without spaces, at most 150';
const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.int(error).min(least, error).max(most, error);
};
const SECONDS = 'expected a number from 0.1 to 300';
const modelName = z.string(MODEL).regex(/^[\x21-\x7e]{1,150}$/, MODEL);

const Entry = z.strictObject({
  url: z.string(ADDRESS).refine((text) => /^https?:\/\/[^\s?#@]+$/.test(text) && URL.canParse(text), ADDRESS),
  key_file: z
    .string('expected a path')
    .refine(isReadable, 'expected an absolute path of a file that can be read')
    .optional(),
  key_env: z.string('expected the name of a variable').optional(),
  text_models: z.array(modelName, 'expected an array of names').default([]),
  embedding_models: z
    .array(
      z.strictObject({ name: modelName, dimension: whole(1, 100_000) }, 'expected an object with name and dimension'),
      'expected an array of objects with name and dimension',
    )
    .default([]),
  timeout_seconds: z.number(SECONDS).min(0.1, SECONDS).max(300, SECONDS).default(60),
  concurrent: whole(1, 256).default(8),
  max_tokens: whole(1, 100_000_000).default(8192),
});

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Throws InvalidConfiguration with all that is wrong, a line each. Values are not repeated: one may be a key in a wrong place. */
export function readProviders(path: string, env: Environment): readonly Provider[] {
  const problems: string[] = [];
  const providers = Object.entries(readObject(path)).map(([name, value]) => {
    const add = (where: string, what: string) =>
      void problems.push(`${path}: ${[name, where].filter(Boolean).join('.')}: ${what}`);
    if (!NAME.test(name)) add('', 'expected a name of lower-case letters, digits and -, at most 40');
    const parsed = Entry.safeParse(value);
    if (!parsed.success) {
      for (const { path: field, message } of parsed.error.issues) add(field.join('.'), message);
      return undefined;
    }
    return toProvider(name, parsed.data, env, add);
  });
  if (problems.length === 0) return providers.filter((provider) => provider !== undefined);
  throw invalid(problems.join('\n'));
}

function toProvider(
  name: string,
  { url, key_file, key_env, ...entry }: z.output<typeof Entry>,
  env: Environment,
  add: (where: string, what: string) => void,
): Provider {
  if (key_file !== undefined && key_env !== undefined) add('key_env', 'expected either key_file or key_env, got both');
  if (key_env !== undefined && !env[key_env]?.trim()) add('key_env', 'expected the name of a variable that is set');
  const models: ProviderModel[] = [
    ...entry.text_models.map((name) => ({ name, kind: 'text', dimension: null }) as const),
    ...entry.embedding_models.map(({ name, dimension }) => ({ name, kind: 'embedding', dimension }) as const),
  ];
  if (models.length === 0) add('', 'expected at least one model in text_models or embedding_models');
  if (new Set(models.map((model) => model.name)).size < models.length) add('', 'expected each model once');
  return {
    name,
    url: url.replace(/\/+$/, ''),
    key: key_file !== undefined ? keyInFile(key_file) : key_env !== undefined ? keyInVariable(key_env, env) : null,
    models,
    timeoutMs: 1000 * entry.timeout_seconds,
    concurrent: entry.concurrent,
    maxTokens: entry.max_tokens,
  };
}

function readObject(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(`${path}: expected a file that can be read, got ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // What JSON.parse says would quote the text.
  }
  throw invalid(`${path}: expected a JSON object with a member for each provider`);
}

function isReadable(path: string): boolean {
  if (!isAbsolute(path)) return false;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function invalid(message: string): SteadyTextError {
  return new SteadyTextError('InvalidConfiguration', `${CONFIG_VARIABLES.providers}: ${message}`, {
    hint: 'docs/models.md (Models of providers) says what each field takes.',
  });
}
