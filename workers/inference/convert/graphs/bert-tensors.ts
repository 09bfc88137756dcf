// The tensors of a BERT-family safetensors file.

import type { TensorFile } from '../read/tensor-file.ts';
import type { BertShape } from './bert-shape.ts';
import type { ExpectedTensors } from './expected-tensors.ts';

/** Files of models with a task head have "bert." before the encoder's names. */
export function bertPrefix(file: TensorFile): string {
  return file.names.includes('bert.embeddings.word_embeddings.weight') ? 'bert.' : '';
}

export function bertTensors(shape: BertShape, prefix: string): ExpectedTensors {
  const { hidden, feedForward } = shape;
  const needed = new Map<string, readonly number[]>();
  const table = (name: string, rows: number) => needed.set(`${prefix}embeddings.${name}.weight`, [rows, hidden]);
  const withBias = (name: string, ...sizes: number[]) => {
    needed.set(`${prefix}${name}.weight`, sizes);
    needed.set(`${prefix}${name}.bias`, [sizes[0]!]);
  };
  table('word_embeddings', shape.vocabulary);
  table('position_embeddings', shape.positions);
  table('token_type_embeddings', shape.tokenTypes);
  withBias('embeddings.LayerNorm', hidden);
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `encoder.layer.${layer}`;
    for (const part of ['self.query', 'self.key', 'self.value', 'output.dense'])
      withBias(`${block}.attention.${part}`, hidden, hidden);
    withBias(`${block}.attention.output.LayerNorm`, hidden);
    withBias(`${block}.intermediate.dense`, feedForward, hidden);
    withBias(`${block}.output.dense`, hidden, feedForward);
    withBias(`${block}.output.LayerNorm`, hidden);
  }
  return { needed, unused: [`${prefix}pooler.`, `${prefix}embeddings.position_ids`, 'cls.'] };
}
