// Turns what a layer reads inside of a graph, by two small products: what comes of a product of two inputs cannot be turned
// beforehand by turning weights.

import type { GraphWriter } from '../onnx/graph-writer.ts';
import { rotationFactors } from './rotation.ts';

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
