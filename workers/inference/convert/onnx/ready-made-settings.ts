// What config.json and the settings of the tokenizer say of a ready-made encoder, of whatever family it is.

import { z } from 'zod';
import type { ModelKind } from '../../engine.ts';
import { readSettings } from '../read/settings-file.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';

export interface ReadyMadeSettings {
  /** Rows of the embedding table. */
  readonly vocabulary: number;
  readonly hidden: number | undefined;
  readonly maxTokens: number;
  /** Lengths that embeddings may be cut to, if the model declares them. */
  readonly dimensions: readonly number[] | undefined;
}

interface SettingsFiles {
  readonly config: string;
  readonly tokenizer_config: string;
  readonly sentence_config?: string;
}

const size = z
  .int()
  .positive()
  .max(1 << 24);
const configSchema = z.looseObject({
  model_type: z.string().optional(),
  vocab_size: size,
  hidden_size: size.optional(),
  /** DistilBERT and T5 call it so. */
  dim: size.optional(),
  d_model: size.optional(),
  max_position_embeddings: z.int().optional(),
  pad_token_id: z.int().nullish(),
  id2label: z.record(z.string(), z.unknown()).optional(),
  num_labels: size.optional(),
  matryoshka_dimensions: z.array(size).nullish(),
});
const sentenceSchema = z.object({ max_seq_length: size.nullish() });
const tokenizerSchema = z.object({ model_max_length: z.number().positive().nullish() });

/** Families whose positions begin behind the one of the padding. */
const AFTER_PADDING = ['roberta', 'xlm-roberta', 'camembert', 'mpnet', 'longformer', 'xlm-roberta-xl'];
/** Graphs of others keep all scores of a layer at once, several times: of 16 heads and 2,048 tokens 270 MB each, of 8,192 4 GB. */
const MOST_TOKENS = 2048;

export function readReadyMadeSettings(kind: ModelKind, files: SettingsFiles): ReadyMadeSettings {
  const config = readSettings(files.config, configSchema);
  const labels = config.num_labels ?? (config.id2label && Object.keys(config.id2label).length);
  if (kind === 'reranking' && labels !== undefined && labels !== 1)
    throw unsupported(files.config, `expected a classifier of one label, got one of ${labels}`);
  return {
    vocabulary: config.vocab_size,
    hidden: config.hidden_size ?? config.dim ?? config.d_model,
    maxTokens: readMaxTokens(files, config),
    dimensions: config.matryoshka_dimensions ?? undefined,
  };
}

/** The shortest of what the files say. */
function readMaxTokens(files: SettingsFiles, config: z.output<typeof configSchema>): number {
  const { max_position_embeddings: positions = 0, model_type: family = '', pad_token_id: padding } = config;
  const usable = AFTER_PADDING.includes(family) ? positions - (padding ?? 1) - 1 : positions;
  const trained = files.sentence_config && readSettings(files.sentence_config, sentenceSchema).max_seq_length;
  // Where a tokenizer knows no length, its settings have 10^30 for it.
  const read = readSettings(files.tokenizer_config, tokenizerSchema).model_max_length;
  const known = [usable, trained, read].filter((length) => typeof length === 'number' && length > 0) as number[];
  const shortest = Math.min(...known);
  if (!(shortest < 1e9))
    throw corrupt(
      files.config,
      'expected the longest input as max_position_embeddings, max_seq_length or model_max_length, got none',
    );
  return Math.min(Math.floor(shortest), MOST_TOKENS);
}
