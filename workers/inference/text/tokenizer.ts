// Reads a model folder's tokenizer, and what special tokens it puts round texts.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { SteadyTextError } from '../../errors.ts';
import type { ModelFolder } from '../model-folder.ts';

export interface TokenizerFiles {
  readonly tokenizer: Tokenizer;
  /** tokenizer.json as it is on disk. */
  readonly definition: TokenizerDefinition;
  /** tokenizer_config.json as it is on disk. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The parts of tokenizer.json that are read here; the rest is the tokenizer library's. */
export interface TokenizerDefinition {
  readonly decoder?: { readonly type?: string } | null;
  readonly model?: { readonly type?: string };
  readonly pre_tokenizer?: { readonly type?: string } | null;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

export async function readTokenizer(folder: ModelFolder): Promise<TokenizerFiles> {
  const definition = await readJson(folder, 'tokenizer.json');
  const config = await readJson(folder, 'tokenizer_config.json');
  try {
    return { tokenizer: new Tokenizer(definition, config), definition, config };
  } catch (cause) {
    throw new SteadyTextError('ModelUnsupported', `expected a tokenizer that can be read in ${folder.path}: ${cause}`, {
      hint: 'Remove the converted model, so that it is made again from its source files.',
      cause,
    });
  }
}

async function readJson(folder: ModelFolder, file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(join(folder.path, file), 'utf8'));
  } catch (cause) {
    throw new SteadyTextError('ModelCorrupt', `expected JSON in ${join(folder.path, file)}: ${cause}`, {
      hint: 'Remove the converted model, so that it is made again from its source files.',
      cause,
    });
  }
}

/** What the post-processor puts round a text. */
export function specialsAround(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const bare: number[] = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const framed: number[] = tokenizer.encode('a').ids;
  const start = framed.findIndex((_, i) => bare.every((id, k) => framed[i + k] === id));
  return { before: framed.slice(0, start), after: framed.slice(start + bare.length) };
}

/**
 * What it puts before, between and after two texts. Throws ModelUnsupported where it does not put them so, or, for a graph that asks
 * for types, does not say that the first text, with what is before it and between, is of type 0 and all that follows of type 1.
 * `place`: where it is, for the error.
 */
export function pairSpecials(tokenizer: Tokenizer, asksTypes: boolean, place: string) {
  const specials = specialsAroundPair(tokenizer, asksTypes);
  if (specials !== undefined) return specials;
  throw new SteadyTextError(
    'ModelUnsupported',
    `expected a tokenizer that puts pairs together as BERT's does, [CLS] query [SEP] document [SEP], but ${place} does not`,
    { hint: "Bring the model's own tokenizer.json, with a post_processor for pairs." },
  );
}

function specialsAroundPair(tokenizer: Tokenizer, asksTypes: boolean) {
  const bare: number[] = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const { before, after } = specialsAround(tokenizer);
  const pair = tokenizer.encode('a', { text_pair: 'a', return_token_type_ids: true });
  const ids: number[] = pair.ids;
  const between = ids.slice(before.length + bare.length, ids.length - bare.length - after.length);
  const first = before.length + bare.length + between.length;
  const expected = [...before, ...bare, ...between, ...bare, ...after];
  const types = ids.map((_, i) => (i < first ? 0 : 1));
  const isPair = expected.join() === ids.join() && (!asksTypes || types.join() === pair.token_type_ids.join());
  return isPair && between.length > 0 ? { before, between, after } : undefined;
}
