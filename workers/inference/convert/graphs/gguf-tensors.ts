// The tensors of a decoder's GGUF file.

import { corrupt, unsupported } from '../read/source-errors.ts';
import type { TensorFile } from '../read/tensor-file.ts';
import { checkTensors } from './expected-tensors.ts';
import type { GgufShape } from './gguf-shape.ts';

export const EMBEDDING = 'token_embd.weight';
/** Absent in models whose embedding table is also their head. */
export const OUTPUT = 'output.weight';
/** How far each pair of a head is slowed down: Llama 3.1 and later. */
const SLOWED = 'rope_freqs.weight';

/** Refuses a file whose tensors are not those of its metadata, or that has others beside them and the `unused` ones. */
export function checkGgufTensors(file: TensorFile, shape: GgufShape, unused: readonly string[] = []): void {
  if (file.names.includes(SLOWED))
    throw unsupported(file.path, `stretches positions by factors of its own (${SLOWED}); known is: no rotary scaling`);
  if (file.names.includes(EMBEDDING)) {
    const [rows] = file.shape(EMBEDDING);
    if (rows !== shape.vocabulary)
      throw corrupt(
        file.path,
        `expected ${rows} tokens in tokenizer.ggml.tokens, as many as ${EMBEDDING} has rows, got ${shape.vocabulary}`,
      );
  }
  const optional = new Map([[OUTPUT, [shape.vocabulary, shape.hidden]]]);
  checkTensors(file, { needed: neededTensors(shape), optional, unused });
}

function neededTensors(shape: GgufShape): ReadonlyMap<string, readonly number[]> {
  const { family, hidden, feedForward, headSize } = shape;
  const queries = shape.heads * headSize;
  const keys = shape.kvHeads * headSize;
  const needed = new Map<string, readonly number[]>([
    [EMBEDDING, [shape.vocabulary, hidden]],
    ['output_norm.weight', [hidden]],
  ]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const add = (part: string, ...sizes: number[]) => needed.set(`blk.${layer}.${part}`, sizes);
    add('attn_norm.weight', hidden);
    add('attn_q.weight', queries, hidden);
    add('attn_k.weight', keys, hidden);
    add('attn_v.weight', keys, hidden);
    add('attn_output.weight', hidden, queries);
    add('ffn_norm.weight', hidden);
    add('ffn_gate.weight', feedForward, hidden);
    add('ffn_up.weight', feedForward, hidden);
    add('ffn_down.weight', hidden, feedForward);
    if (family.biases) {
      add('attn_q.bias', queries);
      add('attn_k.bias', keys);
      add('attn_v.bias', keys);
    }
    if (family.headNorms) {
      add('attn_q_norm.weight', headSize);
      add('attn_k_norm.weight', headSize);
    }
  }
  return needed;
}
