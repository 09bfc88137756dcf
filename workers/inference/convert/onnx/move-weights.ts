// Rewrites an ONNX file so that its large weights lie in graph.data, as those of our own graphs do: engines map that file
// instead of copying it, and a worker sees when it changes. Nodes stay byte for byte what they are.

import { WEIGHTS_NAME } from './graph-writer.ts';
import { ProtobufMessage } from './protobuf.ts';
import { fieldsOf } from './read-protobuf.ts';
import type { WeightFile } from './weight-file.ts';

/** Smaller ones stay in the graph: shapes and axes, which onnxruntime wants to see when it loads it. */
const LEAST_BYTES = 1024;

const GRAPH = 7;
const INITIALIZER = 5;
const RAW = 9;
const EXTERNAL = 13;
const LOCATION = 14;

/** Gives the pieces of an external tensor's bytes. */
export type ReadExternal = (offset: number, length: number) => Iterable<Uint8Array>;

/** The bytes of graph.onnx. */
export function moveWeights(
  model: Buffer,
  weights: WeightFile,
  readExternal: ReadExternal,
  onWeights: () => void,
): Buffer {
  const parts: Buffer[] = [];
  for (const { field, content, whole } of fieldsOf(model))
    parts.push(field === GRAPH ? new ProtobufMessage().bytes(GRAPH, movedGraph(content)).finish() : whole);
  return Buffer.concat(parts);

  function movedGraph(graph: Buffer): Buffer {
    const pieces: Buffer[] = [];
    for (const { field, content, whole } of fieldsOf(graph)) {
      const moved = field === INITIALIZER ? movedTensor(content) : undefined;
      pieces.push(moved ? new ProtobufMessage().bytes(INITIALIZER, moved).finish() : whole);
    }
    return Buffer.concat(pieces);
  }

  /** Undefined for one that stays. */
  function movedTensor(tensor: Buffer): Buffer | undefined {
    const fields = [...fieldsOf(tensor)];
    const raw = fields.findLast(({ field }) => field === RAW)?.content;
    const entries = fields.filter(({ field }) => field === EXTERNAL).map(({ content }) => entryOf(content));
    const isInline = entries.length === 0;
    if (isInline && (raw === undefined || raw.length < LEAST_BYTES)) return undefined;
    const external = new Map(entries);
    const from = (key: string) => Number(external.get(key) ?? 0);
    const place = weights.append(isInline ? [raw!] : readExternal(from('offset'), from('length')));
    onWeights();
    const kept = fields.filter(({ field }) => ![RAW, EXTERNAL, LOCATION].includes(field)).map(({ whole }) => whole);
    const message = new ProtobufMessage();
    for (const [key, value] of Object.entries({ location: WEIGHTS_NAME, ...place }))
      message.bytes(EXTERNAL, new ProtobufMessage().bytes(1, key).bytes(2, String(value)));
    return Buffer.concat([...kept, message.int(LOCATION, 1).finish()]);
  }
}

function entryOf(bytes: Buffer): [key: string, value: string] {
  const pair = new Map([...fieldsOf(bytes)].map(({ field, content }) => [field, content.toString('utf8')]));
  return [pair.get(1) ?? '', pair.get(2) ?? ''];
}
