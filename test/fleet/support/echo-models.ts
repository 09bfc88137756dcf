// Descriptions of the two default models, for engines that need no files.

import type { ModelFolder } from '../../../workers/inference/model-folder.ts';

const base = { format: 'nb8', converterVersion: 1, licence: 'none', files: {} } as const;

export const ECHO_TEXT_MODEL: ModelFolder = {
  path: '/nowhere',
  description: {
    ...base,
    name: 'smollm2-135m-instruct',
    digest: 'a'.repeat(64),
    shape: {
      architecture: 'llama',
      layers: 30,
      hidden: 576,
      heads: 9,
      kvHeads: 3,
      headSize: 64,
      vocabulary: 256,
      maxTokens: 8192,
      endTokens: [0],
    },
  },
};

export const ECHO_EMBEDDING_MODEL: ModelFolder = {
  path: '/nowhere',
  description: {
    ...base,
    name: 'all-minilm-l6-v2',
    digest: 'b'.repeat(64),
    shape: {
      architecture: 'bert',
      layers: 1,
      hidden: 4,
      heads: 1,
      vocabulary: 256,
      maxTokens: 256,
      pooling: 'mean',
      normalize: true,
      dimension: 4,
    },
  },
};

export const ECHO_MODELS = [ECHO_TEXT_MODEL, ECHO_EMBEDDING_MODEL];
