// What config.json says of a BERT-family encoder.

import { z } from 'zod';
import { readSettings } from '../read/settings-file.ts';
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
  /** Lengths that the model's embeddings may be cut to, if it was trained for that. */
  readonly dimensions: readonly number[] | undefined;
}

/** Paths by role. */
export interface BertSettingsFiles {
  readonly config: string;
  readonly sentence_config?: string;
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
  matryoshka_dimensions: z.array(size).nullish(),
});
const sentenceSchema = z.object({ max_seq_length: size.nullish() });

const FAMILIES = ['bert'];

export function readBertShape(files: BertSettingsFiles): BertShape {
  const path = files.config;
  const { model_type: family } = readSettings(path, familySchema);
  if (!FAMILIES.includes(family))
    throw unsupported(
      path,
      `model family "${family}" is not known; known are ${FAMILIES.join(', ')} (and llama as GGUF)`,
    );
  const config = readSettings(path, configSchema);
  if (config.hidden_act !== 'gelu')
    throw unsupported(path, `activation "${config.hidden_act}" is not known; known is gelu`);
  if (config.position_embedding_type !== 'absolute')
    throw unsupported(path, `positions of kind "${config.position_embedding_type}" are not known; known is absolute`);
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw corrupt(path, `expected ${config.hidden_size} to be a multiple of ${config.num_attention_heads} heads`);
  const { sentence_config: sentence } = files;
  const trained = sentence === undefined ? null : readSettings(sentence, sentenceSchema).max_seq_length;
  return {
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    heads: config.num_attention_heads,
    feedForward: config.intermediate_size,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    tokenTypes: config.type_vocab_size,
    epsilon: config.layer_norm_eps,
    maxTokens: Math.min(config.max_position_embeddings, trained ?? Number.POSITIVE_INFINITY),
    dimensions: readDimensions(path, config.matryoshka_dimensions, config.hidden_size),
  };
}

function readDimensions(path: string, dimensions: readonly number[] | null | undefined, hidden: number) {
  if (dimensions == null || dimensions.length === 0) return undefined;
  const longest = Math.max(...dimensions);
  if (longest > hidden)
    throw corrupt(path, `matryoshka_dimensions: expected at most ${hidden}, the model's own, got ${longest}`);
  return [...new Set([...dimensions, hidden])].sort((a, b) => a - b);
}
