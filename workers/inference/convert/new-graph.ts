// How the graphs that we write ourselves are written: nodes by a function, weights on the way.

import { LayerWriter } from './graphs/layers.ts';
import { GraphWriter } from './onnx/graph-writer.ts';
import type { SourceModel } from './source-model.ts';

/** `path`: of the weight file, for errors. */
export function newGraph(
  path: string,
  write: (graph: GraphWriter, layers: LayerWriter) => void,
): SourceModel['writeGraph'] {
  return (weights, format, onWeights) => {
    const graph = new GraphWriter(weights, onWeights);
    write(graph, new LayerWriter(graph, format, path));
    return graph.finish();
  };
}
