// Where a graph says that its weights lie. onnxruntime itself opens whatever file a graph names, whoever gives it the graph, and
// takes some names for places in memory: so names are compared before it sees the graph.

import { fieldsOf } from '../convert/onnx/read-protobuf.ts';

type Message = 'model' | 'training' | 'function' | 'graph' | 'node' | 'attribute' | 'sparse' | 'tensor' | 'entry';

/** Which fields of a message hold messages on the way to a tensor: ModelProto, TrainingInfoProto, FunctionProto and so on. */
const WITHIN: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
  entry: {},
};

const MOST_DEPTH = 64;

/** Every file that a tensor of an ONNX model names. Throws RangeError or TypeError for bytes that are no such model. */
export function weightPlaces(model: Buffer): Set<string> {
  const places = new Set<string>();
  visit('model', model, 0);
  return places;

  function visit(message: Message, bytes: Buffer, depth: number): void {
    if (depth > MOST_DEPTH) throw new RangeError(`messages within messages, more than ${MOST_DEPTH} deep`);
    if (message === 'entry') addPlace(bytes);
    const inner = WITHIN[message];
    for (const { field, content } of fieldsOf(bytes)) {
      const within = inner[field];
      if (within !== undefined) visit(within, content, depth + 1);
    }
  }

  function addPlace(entry: Buffer): void {
    let [key, value] = ['', ''];
    for (const { field, content } of fieldsOf(entry)) {
      if (field === 1) key = content.toString('utf8');
      if (field === 2) value = content.toString('utf8');
    }
    if (key === 'location') places.add(value);
  }
}
