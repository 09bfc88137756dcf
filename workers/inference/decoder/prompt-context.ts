// What a prompt's chunk reads: the whole blocks before it, and rooms for its own rows.

import { Tensor } from 'onnxruntime-node';
import type { DecoderShape } from '../model-folder.ts';
import type { Context } from './forward.ts';
import type { KvCache } from './kv-cache.ts';
import { StepForms } from './step-forms.ts';

/** `rows` new tokens, from a block's beginning on; `cache` holds all before them. */
export function promptContext(
  { layers, kvHeads, headSize }: DecoderShape,
  cache: KvCache,
  rows: number,
  forms = new StepForms(),
): Context {
  const dims = [1, 2 * kvHeads, rows, headSize];
  const empty = new Tensor('float32', new Float32Array(2 * kvHeads * rows * headSize), dims);
  const recent = Object.fromEntries(Array.from({ length: layers }, (_, layer) => [`recent_${layer}`, empty]));
  return { capacity: cache.capacity, room: rows, forms, feeds: (count) => ({ ...cache.feeds(count), ...recent }) };
}
