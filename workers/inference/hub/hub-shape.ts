// What the files of a model of the hub say of it, with what its configuration says instead.

import { join } from 'node:path';
import { z } from 'zod';
import { isSteadyTextError, SteadyTextError } from '../../errors.ts';
import { readSentenceSettings } from '../convert/graphs/sentence-settings.ts';
import { readReadyMadeSettings } from '../convert/onnx/ready-made-settings.ts';
import { readSettings } from '../convert/read/settings-file.ts';
import type { HubShape } from '../model-folder.ts';
import { graphOf } from './hub-files.ts';
import type { HubModel } from './hub-models.ts';

const length = z.number().positive().nullish();
const configSchema = z.looseObject({
  is_encoder_decoder: z.boolean().nullish(),
  max_position_embeddings: length,
  n_positions: length,
  n_ctx: length,
  max_seq_len: length,
});
const tokenizerSchema = z.looseObject({ model_max_length: length });

/** Keys and values of all tokens go in and out with every token: a longer sequence has to be asked for (max_tokens). */
const MOST_TOKENS = 4096;

/** `files`: paths in the folder. Throws ModelCorrupt or ModelUnsupported. */
export function readHubShape(model: HubModel, folder: string, files: readonly string[]): HubShape {
  try {
    return model.kind === 'text' ? textShape(model, folder) : encoderShape(model, folder, files);
  } catch (error) {
    if (!isSteadyTextError(error)) throw error;
    // The reader's own hint is of models that a manifest pins.
    throw new SteadyTextError(error.name as never, error.message, {
      hint: `Choose another repository or folder for ${model.name}, or ask its publisher for a whole one.`,
      cause: error,
    });
  }
}

function textShape({ kind, dtype, maxTokens }: HubModel, folder: string): HubShape {
  const path = join(folder, 'config.json');
  const config = readSettings(path, configSchema);
  if (config.is_encoder_decoder)
    throw new SteadyTextError('ModelUnsupported', `${path}: expected a decoder, got an encoder with a decoder`);
  const { model_max_length: read } = readSettings(join(folder, 'tokenizer_config.json'), tokenizerSchema);
  const { max_position_embeddings, n_positions, n_ctx, max_seq_len } = config;
  const told = [max_position_embeddings, n_positions, n_ctx, max_seq_len, read].filter(
    (its) => typeof its === 'number',
  );
  const most = Math.floor(Math.min(...told));
  return {
    architecture: 'hub',
    ...{ kind, dtype, graph: graphOf(dtype), dimension: null },
    maxTokens: Math.min(most, maxTokens ?? MOST_TOKENS),
  };
}

function encoderShape(model: HubModel, folder: string, files: readonly string[]): HubShape {
  const { kind, dtype } = model;
  const at = (path: string) => (files.includes(path) ? join(folder, path) : undefined);
  const sentence = at('sentence_bert_config.json');
  const settings = readReadyMadeSettings(kind, {
    config: join(folder, 'config.json'),
    tokenizer_config: join(folder, 'tokenizer_config.json'),
    ...(sentence && { sentence_config: sentence }),
  });
  const common = {
    architecture: 'hub',
    ...{ kind, dtype, graph: graphOf(dtype) },
    maxTokens: Math.min(settings.maxTokens, model.maxTokens ?? settings.maxTokens),
  } as const;
  if (kind === 'reranking') return { ...common, dimension: null };
  const { hidden } = settings;
  if (hidden === undefined)
    throw new SteadyTextError('ModelCorrupt', `${join(folder, 'config.json')}: expected hidden_size, got none`);
  const [pooling_config, modules, prompts] = [
    model.pooling === undefined ? at('1_Pooling/config.json') : undefined,
    at('modules.json'),
    at('config_sentence_transformers.json'),
  ];
  const found = readSentenceSettings(
    { ...(pooling_config && { pooling_config }), ...(modules && { modules }), ...(prompts && { prompts }) },
    hidden,
  );
  return {
    ...common,
    dimension: hidden,
    pooling: model.pooling ?? found.pooling,
    normalize: found.normalize,
    ...(found.prompts && { prompts: found.prompts }),
  };
}
