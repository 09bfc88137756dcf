// What the metadata of a llama-family GGUF file says of the model: sizes, rotation, normalisation.

import type { MetadataFields } from '../read/metadata-fields.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';

export interface LlamaShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Longest sequence: the model's own, at most MOST_POSITIONS. */
  readonly maxTokens: number;
  readonly ropeBase: number;
  readonly epsilon: number;
}

// The rotary tables of 8,192 positions take 2 MiB for heads of 64; the slots of an engine hold no longer sequence anyway.
const MOST_POSITIONS = 8192;
const MOST_SIZE = 1 << 24;

export function readLlamaShape(path: string, fields: MetadataFields): LlamaShape {
  const heads = fields.count('llama.attention.head_count', 4096);
  const kvHeads = fields.count('llama.attention.head_count_kv', 4096, heads);
  const hidden = fields.count('llama.embedding_length', MOST_SIZE);
  const headSize = fields.count('llama.attention.key_length', MOST_SIZE, hidden / heads);
  if (heads % kvHeads !== 0)
    throw corrupt(path, `expected the ${heads} heads to be a multiple of the key/value heads, got ${kvHeads}`);
  refuseOtherForms(path, fields, headSize);
  return {
    layers: fields.count('llama.block_count', 4096),
    hidden,
    heads,
    kvHeads,
    headSize,
    feedForward: fields.count('llama.feed_forward_length', MOST_SIZE),
    vocabulary: fields.texts('tokenizer.ggml.tokens').length,
    maxTokens: Math.min(fields.count('llama.context_length', MOST_SIZE), MOST_POSITIONS),
    ropeBase: fields.positive('llama.rope.freq_base', 10_000),
    epsilon: fields.positive('llama.attention.layer_norm_rms_epsilon'),
  };
}

/** Forms of the family that would be computed wrongly without a word. */
function refuseOtherForms(path: string, fields: MetadataFields, headSize: number): void {
  if (headSize % 2 !== 0) throw unsupported(path, `expected heads of an even size, got ${headSize}`);
  const rotated = fields.count('llama.rope.dimension_count', MOST_SIZE, headSize);
  if (rotated !== headSize)
    throw unsupported(path, `rotates ${rotated} of ${headSize} numbers of a head; known is: all`);
  const valueSize = fields.count('llama.attention.value_length', MOST_SIZE, headSize);
  if (valueSize !== headSize) throw unsupported(path, `has values of ${valueSize} beside keys of ${headSize}`);
  const scaling = fields.optionalText('llama.rope.scaling.type') ?? 'none';
  if (scaling !== 'none') throw unsupported(path, `stretches positions by "${scaling}" rotary scaling; known is: none`);
}
