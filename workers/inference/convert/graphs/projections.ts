// Queries, keys and values of the new tokens, before they are turned to their positions: here families differ.

import { float, type GraphWriter } from '../onnx/graph-writer.ts';
import type { TensorFile } from '../read/tensor-file.ts';
import type { GgufShape } from './gguf-shape.ts';
import type { LayerWriter } from './layers.ts';
import { halvesFromNeighbours, stack, vectorOf } from './weight-pieces.ts';

export interface Projections {
  /** [B, S, heads × headSize]. */
  readonly query: string;
  /** [B, S, kvHeads × headSize], as `value`. */
  readonly key: string;
  readonly value: string;
}

export function writeProjections(
  graph: GraphWriter,
  layers: LayerWriter,
  file: TensorFile,
  shape: GgufShape,
  block: string,
  input: string,
): Projections {
  const { family, heads, kvHeads, headSize } = shape;
  const weight = (part: string) => file.rows(`${block}.attn_${part}.weight`);
  const inHalves = (part: string) =>
    family.turns === 'neighbours' ? halvesFromNeighbours(weight(part), headSize) : weight(part);
  const stacked = stack(inHalves('q'), inHalves('k'), weight('v'));
  const product = layers.linearOfTurned(input, `${block}.qkv`, stacked);
  const projected = family.biases ? graph.node('Add', [product, writeBiases(graph, file, block)]) : product;

  const [query, key, value] = ['query', 'key', 'value'].map((part) => `${block}.${part}`) as [string, string, string];
  const sizes = graph.integers(heads * headSize, kvHeads * headSize, kvHeads * headSize);
  graph.nodeWithOutputs('Split', [projected, sizes], [query, key, value], { axis: -1 });
  if (!family.headNorms) return { query, key, value };

  /** Each head on its own brought to a root mean square of 1, times the gains. */
  const normed = (part: string, count: number, gains: string) => {
    const perHead = graph.node('Reshape', [part, graph.integers(0, 0, count, headSize)]);
    const attributes = { axis: -1, epsilon: float(shape.epsilon) };
    const even = graph.node(
      'SimplifiedLayerNormalization',
      [perHead, graph.vector(gains, vectorOf(file, gains))],
      attributes,
    );
    return graph.node('Reshape', [even, graph.integers(0, 0, count * headSize)]);
  };
  return {
    query: normed(query, heads, `${block}.attn_q_norm.weight`),
    key: normed(key, kvHeads, `${block}.attn_k_norm.weight`),
    value,
  };
}

/** In the order in which the matrices are stacked. No product takes them as an input: that costs 30 % (layers.ts). */
function writeBiases(graph: GraphWriter, file: TensorFile, block: string): string {
  const values = ['q', 'k', 'v'].flatMap((part) => [...vectorOf(file, `${block}.attn_${part}.bias`)]);
  return graph.vector(`${block}.qkv.bias`, Float32Array.from(values));
}
