// What the sentence-transformers files say of an embedding model: how token vectors become one, and what is put before texts.

import { z } from 'zod';
import type { Pooling, Prompts } from '../../model-folder.ts';
import { readSettings } from '../read/settings-file.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';

/** Paths by role; a model without these files is pooled by the mean and normalised, and puts nothing before texts. */
export interface SentenceFiles {
  readonly pooling_config?: string;
  readonly modules?: string;
  readonly prompts?: string;
}

export interface SentenceSettings {
  readonly pooling: Pooling;
  readonly normalize: boolean;
  readonly prompts: Prompts | undefined;
}

const poolingSchema = z.looseObject({
  word_embedding_dimension: z.int().optional(),
  include_prompt: z.boolean().default(true),
  /** Newer files name the kinds here, older ones have a switch for each. */
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
});
const modulesSchema = z.array(z.object({ type: z.string() }));
const promptsSchema = z.object({
  prompts: z.record(z.string(), z.string()).default({}),
  default_prompt_name: z.string().nullish(),
});

const POOLINGS: Readonly<Record<string, Pooling>> = { mean: 'mean', cls: 'cls', lasttoken: 'last' };
const MODULES = [['Transformer', 'Pooling'] as const, ['Transformer', 'Pooling', 'Normalize'] as const];
/** Names that models give to the prompt of a document, the most usual first. */
const DOCUMENT_PROMPTS = ['document', 'passage', 'corpus'];

export function readSentenceSettings(files: SentenceFiles, hidden: number): SentenceSettings {
  const prompts = readPrompts(files.prompts);
  return {
    pooling: readPooling(files.pooling_config, hidden, prompts),
    normalize: readNormalize(files.modules),
    prompts,
  };
}

function readPooling(path: string | undefined, hidden: number, prompts: Prompts | undefined): Pooling {
  if (path === undefined) return 'mean';
  const settings = readSettings(path, poolingSchema);
  const width = settings.word_embedding_dimension ?? hidden;
  if (width !== hidden) throw corrupt(path, `expected token vectors of ${hidden} numbers, got ${width}`);
  if (!settings.include_prompt && prompts !== undefined)
    throw unsupported(path, 'pooling that leaves the prompt out (include_prompt false) is not known');
  const modes = settings.pooling_mode === undefined ? switchedOn(settings) : [settings.pooling_mode].flat();
  const pooling = modes.length === 1 ? POOLINGS[modes[0]!] : undefined;
  if (pooling !== undefined) return pooling;
  const known = Object.keys(POOLINGS).join(', ');
  throw unsupported(path, `pooling by ${modes.join(' and ') || 'nothing'} is not known; known are ${known}`);
}

/** pooling_mode_mean_tokens, pooling_mode_cls_token, pooling_mode_lasttoken …: what is between first and last words. */
function switchedOn(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(settings)
    .filter((key) => key.startsWith('pooling_mode_') && settings[key] === true)
    .map((key) => key.replace(/^pooling_mode_/, '').replace(/_tokens?$/, ''));
}

function readNormalize(path: string | undefined): boolean {
  if (path === undefined) return true;
  const types = readSettings(path, modulesSchema).map((module) => module.type.split('.').at(-1)!);
  const known = MODULES.find((modules) => modules.join() === types.join());
  if (known !== undefined) return known.length === 3;
  const names = MODULES.map((modules) => modules.join(', ')).join(' or ');
  throw unsupported(path, `a row of the modules ${types.join(', ') || '(none)'} is not known; known is ${names}`);
}

/** Undefined where nothing is put before any text. */
function readPrompts(path: string | undefined): Prompts | undefined {
  if (path === undefined) return undefined;
  const { prompts, default_prompt_name: name } = readSettings(path, promptsSchema);
  const text = name == null ? '' : prompts[name];
  if (text === undefined)
    throw corrupt(path, `expected a prompt "${name}", the default, among ${Object.keys(prompts).join(', ') || 'none'}`);
  const ofDocuments = DOCUMENT_PROMPTS.find((known) => prompts[known] !== undefined);
  const found = {
    text,
    query: prompts.query ?? text,
    document: ofDocuments === undefined ? text : prompts[ofDocuments]!,
  };
  return Object.values(found).every((prompt) => prompt === '') ? undefined : found;
}
