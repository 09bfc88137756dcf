// The tensors of a llama-family GGUF file.

import type { ExpectedTensors } from './expected-tensors.ts';
import type { LlamaShape } from './llama-shape.ts';

export const EMBEDDING = 'token_embd.weight';
/** Absent in models whose embedding table is also their head. */
export const OUTPUT = 'output.weight';

export function llamaTensors(shape: LlamaShape): ExpectedTensors {
  const { hidden, feedForward, vocabulary } = shape;
  const queries = shape.heads * shape.headSize;
  const keys = shape.kvHeads * shape.headSize;
  const needed = new Map<string, readonly number[]>([
    [EMBEDDING, [vocabulary, hidden]],
    ['output_norm.weight', [hidden]],
  ]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const add = (part: string, ...sizes: number[]) => needed.set(`blk.${layer}.${part}.weight`, sizes);
    add('attn_norm', hidden);
    add('attn_q', queries, hidden);
    add('attn_k', keys, hidden);
    add('attn_v', keys, hidden);
    add('attn_output', hidden, queries);
    add('ffn_norm', hidden);
    add('ffn_gate', feedForward, hidden);
    add('ffn_up', feedForward, hidden);
    add('ffn_down', hidden, feedForward);
  }
  return { needed, optional: new Map([[OUTPUT, [vocabulary, hidden]]]) };
}
