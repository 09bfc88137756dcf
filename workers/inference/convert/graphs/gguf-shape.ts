// What the metadata of a decoder's GGUF file says of the model: sizes, rotation, normalisation.

import type { MetadataFields } from '../read/metadata-fields.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';
import type { DecoderFamily } from './families/family.ts';

export interface GgufShape {
  readonly family: DecoderFamily;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Of the metadata: heads × headSize need not be `hidden`. */
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

export function readGgufShape(path: string, fields: MetadataFields, family: DecoderFamily): GgufShape {
  const key = (name: string) => `${family.name}.${name}`;
  const heads = fields.count(key('attention.head_count'), 4096);
  const kvHeads = fields.count(key('attention.head_count_kv'), 4096, heads);
  const hidden = fields.count(key('embedding_length'), MOST_SIZE);
  const headSize = fields.count(key('attention.key_length'), MOST_SIZE, hidden / heads);
  if (heads % kvHeads !== 0)
    throw corrupt(path, `expected the ${heads} heads to be a multiple of the key/value heads, got ${kvHeads}`);
  const maxTokens = Math.min(fields.count(key('context_length'), MOST_SIZE), MOST_POSITIONS);
  refuseOtherForms(path, fields, key, headSize, maxTokens);
  return {
    family,
    layers: fields.count(key('block_count'), 4096),
    hidden,
    heads,
    kvHeads,
    headSize,
    feedForward: fields.count(key('feed_forward_length'), MOST_SIZE),
    vocabulary: fields.texts('tokenizer.ggml.tokens').length,
    maxTokens,
    ropeBase: fields.positive(key('rope.freq_base'), 10_000),
    epsilon: fields.positive(key('attention.layer_norm_rms_epsilon')),
  };
}

/** Forms of a family that would be computed wrongly without a word. */
function refuseOtherForms(
  path: string,
  fields: MetadataFields,
  key: (name: string) => string,
  headSize: number,
  maxTokens: number,
): void {
  const parts = fields.optionalIndex('split.count', 1 << 16) ?? 1;
  if (parts > 1) throw unsupported(path, `is one of ${parts} parts of a model; known is: one whole file`);
  if (headSize % 2 !== 0) throw unsupported(path, `expected heads of an even size, got ${headSize}`);
  const rotated = fields.count(key('rope.dimension_count'), MOST_SIZE, headSize);
  if (rotated !== headSize)
    throw unsupported(path, `rotates ${rotated} of ${headSize} numbers of a head; known is: all`);
  const valueSize = fields.count(key('attention.value_length'), MOST_SIZE, headSize);
  if (valueSize !== headSize) throw unsupported(path, `has values of ${valueSize} beside keys of ${headSize}`);
  refuseStretching(path, fields, key);
  // 0 stands for none.
  const window = fields.optionalIndex(key('attention.sliding_window'), Number.MAX_SAFE_INTEGER) ?? 0;
  if (window > 0 && window < maxTokens)
    throw unsupported(path, `attends to the last ${window} tokens of ${maxTokens} only; known is: to all`);
  if (!fields.flag(key('attention.causal'), true))
    throw unsupported(path, 'attends to tokens that follow (attention.causal is false); known is: to those before');
}

function refuseStretching(path: string, fields: MetadataFields, key: (name: string) => string): void {
  const scaling = fields.optionalText(key('rope.scaling.type'));
  if (scaling === 'none') return;
  if (scaling !== undefined)
    throw unsupported(path, `stretches positions by "${scaling}" rotary scaling; known is: none`);
  // A factor alone is linear scaling; older files have it under the second name.
  for (const name of [key('rope.scaling.factor'), key('rope.scale_linear')]) {
    const factor = fields.positive(name, 1);
    if (factor !== 1) throw unsupported(path, `stretches positions ${factor} times (${name}); known is: once`);
  }
}
