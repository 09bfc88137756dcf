// Turns what a layer reads inside of a graph, by two small products: what comes of a product of two inputs cannot be turned
// beforehand by turning weights.

import type { GraphWriter } from '../onnx/graph-writer.ts';
import { cosineTransform, rotationFactors } from './rotation.ts';

/** The rows [B, S, width] of `input`, which has taken the rotation's signs already, turned. Its matrices are written once a graph. */
export function rotationWriter(graph: GraphWriter, width: number): (input: string) => string {
  const { across, within, blocks, block } = rotationFactors(width);
  graph.vector('rotation.across', across, [blocks, blocks]);
  graph.vector('rotation.within', within, [block, block]);
  return (input) => {
    const rows = graph.node('Reshape', [input, graph.integers(0, 0, blocks, block)]);
    const mixed = graph.node('MatMul', ['rotation.across', graph.node('MatMul', [rows, 'rotation.within'])]);
    return graph.node('Reshape', [mixed, graph.integers(0, 0, width)]);
  };
}

/**
 * Each head of the rows [B, S, …] of `input`, a mixture of all: [B, S, heads, headSize]. What is no number in one is none in all
 * then, where the largest of a row would not tell it.
 */
export function headMixer(graph: GraphWriter, heads: number, headSize: number): (input: string) => string {
  graph.vector('heads.across', Float32Array.from(cosineTransform(heads)), [heads, heads]);
  return (input) =>
    graph.node('MatMul', ['heads.across', graph.node('Reshape', [input, graph.integers(0, 0, heads, headSize)])]);
}
