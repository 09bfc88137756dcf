// Reads a model folder's tokenizer: text to token ids, with the model's special tokens round them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { SteadyTextError } from '../../errors.ts';
import type { ModelFolder } from '../model-folder.ts';
import { plainTokenizer } from './plain-tokenizer.ts';

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
  readonly model?: object;
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

export interface EncodedText {
  readonly ids: readonly number[];
  /** Whether the text had more tokens than fit and was cut at its end. */
  readonly truncated: boolean;
}

/** Text to ids for an encoder: specials (as [CLS] and [SEP]) stay when the text between them is cut. */
export function encodeTruncated(files: TokenizerFiles, maxTokens: number): (text: string) => EncodedText {
  const { before, after } = specialsAround(files.tokenizer);
  const { definition } = files;
  const plain = plainTokenizer(files);
  const room = maxTokens - before.length - after.length;
  // BERT's rules end a word at every space, so words have the same tokens in whatever piece they are.
  const separable = definition.pre_tokenizer?.type === 'BertPreTokenizer' && !definition.added_tokens?.some(isText);
  const cut = (text: string) => (separable ? piecesOf(text, 8 * maxTokens) : [text]);
  return (text) => {
    const ids: number[] = [];
    for (const piece of cut(text)) {
      for (const id of plain.encode(piece, { add_special_tokens: false }).ids) ids.push(id);
      if (ids.length > room) break;
    }
    const truncated = ids.length > room;
    return { ids: [...before, ...(truncated ? ids.slice(0, room) : ids), ...after], truncated };
  };
}

function isText({ special }: { special: boolean }): boolean {
  return !special;
}

/** Pieces of so many characters at least, each but the first beginning with a space: only the first few may be needed. */
function* piecesOf(text: string, length: number): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const space = text.indexOf(' ', start + length);
    const end = space < 0 ? text.length : space;
    yield text.slice(start, end);
    start = end;
  }
}

/** What the post-processor puts round a text. */
export function specialsAround(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const bare: number[] = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const framed: number[] = tokenizer.encode('a').ids;
  const start = framed.findIndex((_, i) => bare.every((id, k) => framed[i + k] === id));
  return { before: framed.slice(0, start), after: framed.slice(start + bare.length) };
}
