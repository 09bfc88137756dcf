// Where a graph says that its weights lie. onnxruntime reads whatever file a graph names, so every name and place is checked
// before it sees the graph; so are the parts of a model in which weights could hide.

import { readOnnxModel, refuseHiddenWeights } from '../onnx/onnx-model.ts';
import { fieldsOf } from '../onnx/read-protobuf.ts';

/** A place that graph.onnx names, or a sentence on why the graph is not one of ours. */
export type ExternalPlace = { readonly location: string; readonly offset: number; readonly length: number };

// Fields of ModelProto, GraphProto, NodeProto, TensorProto and AttributeProto.
const MODEL = { graph: 7, trainingInfo: 20, functions: 25 };
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 };
const NODE_ATTRIBUTE = 5;
const TENSOR_EXTERNAL_DATA = 13;
const ATTRIBUTE_TENSORS_AND_GRAPHS = new Set([5, 6, 10, 11, 22, 23]);

/** Every external place of a model. Throws RangeError or TypeError for anything that our writer would not have written. */
export function externalPlaces(model: Buffer): ExternalPlace[] {
  const places: ExternalPlace[] = [];
  for (const { field, content } of fieldsOf(model)) {
    if (field === MODEL.trainingInfo || field === MODEL.functions)
      throw new TypeError('functions or training information');
    if (field !== MODEL.graph) continue;
    for (const { field: part, content: bytes } of fieldsOf(content)) {
      if (part === GRAPH.sparseInitializer) throw new TypeError('sparse weights');
      if (part === GRAPH.node) refuseTensorAttributes(bytes);
      if (part === GRAPH.initializer) places.push(...placeOf(bytes));
    }
  }
  return places;
}

/** The same of a graph that came ready made, in which nodes may have tensors and graphs of their own: no weights lie in those. */
export function readyMadePlaces(model: Buffer): ExternalPlace[] {
  const read = readOnnxModel(model);
  refuseHiddenWeights(read);
  return read.graph.initializers.flatMap(({ external }) => placeIn(external));
}

function refuseTensorAttributes(node: Buffer): void {
  for (const { field, content: attribute } of fieldsOf(node)) {
    if (field !== NODE_ATTRIBUTE) continue;
    for (const { field: part } of fieldsOf(attribute))
      if (ATTRIBUTE_TENSORS_AND_GRAPHS.has(part)) throw new TypeError('a node with a tensor or a graph of its own');
  }
}

function placeOf(tensor: Buffer): ExternalPlace[] {
  const entries = new Map<string, string>();
  for (const { field, content } of fieldsOf(tensor)) {
    if (field !== TENSOR_EXTERNAL_DATA) continue;
    const pair = new Map([...fieldsOf(content)].map((its) => [its.field, its.content]));
    entries.set(pair.get(1)?.toString() ?? '', pair.get(2)?.toString() ?? '');
  }
  return placeIn(entries);
}

function placeIn(entries: ReadonlyMap<string, string>): ExternalPlace[] {
  if (entries.size === 0) return [];
  const number = (key: string) => Number(entries.get(key) ?? Number.NaN);
  return [{ location: entries.get('location') ?? '', offset: number('offset'), length: number('length') }];
}
