// What config.json and the sentence-transformers files say of a BERT-family encoder.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { corrupt, unsupported } from '../read/source-errors.ts';

export interface BertShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  /** Longest input: what the model was trained for, at most its positions. */
  readonly maxTokens: number;
  readonly pooling: 'mean' | 'cls';
  readonly normalize: boolean;
}

/** Paths by role; a model without sentence-transformers files is pooled by the mean and normalised. */
export interface BertSettingsFiles {
  readonly config: string;
  readonly sentence_config?: string;
  readonly pooling_config?: string;
  readonly modules?: string;
}

const size = z
  .int()
  .positive()
  .max(1 << 24);
const familySchema = z.object({ model_type: z.string() });
const configSchema = z.object({
  hidden_size: size,
  num_hidden_layers: size.max(4096),
  num_attention_heads: size,
  intermediate_size: size,
  vocab_size: size,
  max_position_embeddings: size,
  type_vocab_size: size,
  layer_norm_eps: z.number().positive(),
  hidden_act: z.string(),
  position_embedding_type: z.string().default('absolute'),
});
const sentenceSchema = z.object({ max_seq_length: size });
const poolingSchema = z.record(z.string(), z.unknown());
const modulesSchema = z.array(z.object({ type: z.string() }));

const FAMILIES = ['bert'];
const NORMALIZE = 'Normalize';
const MODULES = ['Transformer', 'Pooling', NORMALIZE];

export function readBertShape(files: BertSettingsFiles): BertShape {
  const path = files.config;
  const { model_type: family } = parse(path, familySchema);
  if (!FAMILIES.includes(family))
    throw unsupported(
      path,
      `model family "${family}" is not known; known are ${FAMILIES.join(', ')} (and llama as GGUF)`,
    );
  const config = parse(path, configSchema);
  if (config.hidden_act !== 'gelu')
    throw unsupported(path, `activation "${config.hidden_act}" is not known; known is gelu`);
  if (config.position_embedding_type !== 'absolute')
    throw unsupported(path, `positions of kind "${config.position_embedding_type}" are not known; known is absolute`);
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw corrupt(path, `expected ${config.hidden_size} to be a multiple of ${config.num_attention_heads} heads`);
  const trained = files.sentence_config ? parse(files.sentence_config, sentenceSchema).max_seq_length : Infinity;
  return {
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    heads: config.num_attention_heads,
    feedForward: config.intermediate_size,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    tokenTypes: config.type_vocab_size,
    epsilon: config.layer_norm_eps,
    maxTokens: Math.min(config.max_position_embeddings, trained),
    pooling: readPooling(files.pooling_config),
    normalize: readNormalize(files.modules),
  };
}

function readPooling(path: string | undefined): 'mean' | 'cls' {
  if (path === undefined) return 'mean';
  const settings = parse(path, poolingSchema);
  const modes = Object.keys(settings).filter((key) => key.startsWith('pooling_mode_') && settings[key] === true);
  if (modes.length === 1 && modes[0] === 'pooling_mode_mean_tokens') return 'mean';
  if (modes.length === 1 && modes[0] === 'pooling_mode_cls_token') return 'cls';
  throw unsupported(path, `pooling by ${modes.join(' and ') || 'nothing'} is not known; known are mean and cls`);
}

function readNormalize(path: string | undefined): boolean {
  if (path === undefined) return true;
  const types = parse(path, modulesSchema).map((module) => module.type.split('.').at(-1)!);
  const other = types.find((type) => !MODULES.includes(type));
  if (other !== undefined) throw unsupported(path, `module ${other} is not known; known are ${MODULES.join(', ')}`);
  return types.includes(NORMALIZE);
}

function parse<T>(path: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw corrupt(path, 'expected JSON, got something else');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw corrupt(path, `${field.join('.') || 'settings'}: ${message}`);
}
