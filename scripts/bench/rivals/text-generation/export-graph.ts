// A decoder's graph in the shape of an export, as transformers.js wants it, in fp32: past keys and values go in and come back whole.
// Nobody ships one of our default model in a package registry, so it is written here of the same GGUF file.
//
//   input_ids, attention_mask, position_ids   past_key_values.<l>.key, .value [B,kvHeads,P,headSize]   num_logits_to_keep
//   →   logits [B,K,V]   present.<l>.key, .value [B,kvHeads,P+S,headSize]

import type { GgufShape } from '../../../../workers/inference/convert/graphs/gguf-shape.ts';
import { EMBEDDING, OUTPUT } from '../../../../workers/inference/convert/graphs/gguf-tensors.ts';
import type { LayerWriter } from '../../../../workers/inference/convert/graphs/layers.ts';
import { writeProjections } from '../../../../workers/inference/convert/graphs/projections.ts';
import { vectorOf } from '../../../../workers/inference/convert/graphs/weight-pieces.ts';
import { float, type GraphWriter, NONE } from '../../../../workers/inference/convert/onnx/graph-writer.ts';
import type { TensorFile } from '../../../../workers/inference/convert/read/tensor-file.ts';

const INT32 = 6;
/** Names by which transformers.js knows how large the first, empty past is. */
const [BATCH, PAST] = ['batch_size', 'past_sequence_length'];

export function writeExportGraph(graph: GraphWriter, layers: LayerWriter, file: TensorFile, shape: GgufShape): void {
  const { hidden, heads, kvHeads, headSize, vocabulary, epsilon } = shape;
  graph.input('input_ids', 'int64', [BATCH, 'S']);
  graph.input('attention_mask', 'int64', [BATCH, 'T']);
  graph.input('num_logits_to_keep', 'int64', []);
  const norm = (name: string) => graph.vector(name, vectorOf(file, name));
  const afterResidual = (residual: string, added: string, gain: string) => {
    const [normed, sum] = [graph.newName('normed'), graph.newName('residual')];
    const inputs = [residual, added, norm(gain)];
    graph.nodeWithOutputs('SkipSimplifiedLayerNormalization', inputs, [normed, NONE, NONE, sum], {
      epsilon: float(epsilon),
    });
    return { normed, residual: sum };
  };

  const lengths = graph.node('ReduceSum', ['attention_mask', graph.integers(1)], { keepdims: 0 });
  const before = graph.node('Cast', [graph.node('Sub', [lengths, graph.integers(1)])], { to: INT32 });
  const width = graph.node('Squeeze', [graph.node('Shape', ['attention_mask'], { start: 1, end: 2 })]);
  const total = graph.node('Cast', [width], { to: INT32 });
  const tables = rotaryTables(shape);
  for (const [name, values] of Object.entries(tables)) graph.vector(name, values, [shape.maxTokens, headSize / 2]);
  const attention = (layer: number, input: string): string => {
    const block = `blk.${layer}`;
    const { query, key, value } = writeProjections(graph, layers, file, shape, block, input);
    const place = (name: string) => [`${name}.${layer}.key`, `${name}.${layer}.value`] as const;
    const past = place('past_key_values').map((name) => graph.input(name, 'float', [BATCH, kvHeads, PAST, headSize]));
    const present = place('present').map((name) => graph.output(name, 'float', [BATCH, kvHeads, 'T', headSize]));
    const attended = `${block}.attended`;
    const inputs = [query, key, value, ...past, before, total, 'cosine', 'sine'];
    graph.nodeWithOutputs('GroupQueryAttention', inputs, [attended, ...present], {
      num_heads: heads,
      kv_num_heads: kvHeads,
      do_rotary: 1,
    });
    return layers.linear(attended, `${block}.attention_out`, file.rows(`${block}.attn_output.weight`));
  };
  const feedForward = (block: string, input: string): string => {
    const product = (part: string, of: string) =>
      layers.linear(of, `${block}.${part}`, file.rows(`${block}.ffn_${part}.weight`));
    const gate = graph.node('QuickGelu', [product('gate', input)], { alpha: float(1) });
    return product('down', graph.node('Mul', [gate, product('up', input)]));
  };

  const embedding = file.rows(EMBEDDING);
  const embedded = layers.embedding('input_ids', EMBEDDING, embedding);
  const first = [embedded, norm('blk.0.attn_norm.weight')];
  let state = {
    residual: embedded,
    normed: graph.node('SimplifiedLayerNormalization', first, { axis: -1, epsilon: float(epsilon) }),
  };
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`;
    state = afterResidual(state.residual, attention(layer, state.normed), `${block}.ffn_norm.weight`);
    const next = layer + 1 < shape.layers ? `blk.${layer + 1}.attn_norm.weight` : 'output_norm.weight';
    state = afterResidual(state.residual, feedForward(block, state.normed), next);
  }
  const kept = graph.node('Unsqueeze', [graph.node('Neg', ['num_logits_to_keep']), graph.integers(0)]);
  const ends = graph.node('Slice', [state.normed, kept, graph.integers(2 ** 31), graph.integers(1)]);
  graph.output('logits', 'float', [BATCH, 'K', vocabulary]);
  if (file.names.includes(OUTPUT)) layers.linear(ends, OUTPUT, file.rows(OUTPUT), 'logits');
  else layers.linearAgain(ends, EMBEDDING, embedding, 'logits');
  if (embedding.width !== hidden) throw new Error(`Expected embeddings of ${hidden} numbers, got ${embedding.width}.`);
}

function rotaryTables({ maxTokens, headSize, ropeBase }: GgufShape) {
  const half = headSize / 2;
  const angles = Array.from(
    { length: maxTokens * half },
    (_, i) => Math.floor(i / half) / ropeBase ** ((2 * (i % half)) / headSize),
  );
  return { cosine: Float32Array.from(angles, Math.cos), sine: Float32Array.from(angles, Math.sin) };
}
