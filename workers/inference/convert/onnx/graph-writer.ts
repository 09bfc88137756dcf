// Builds an ONNX model: nodes, inputs, outputs and constants in graph.onnx, weights in graph.data.

import { ProtobufMessage } from './protobuf.ts';
import type { WeightFile, WeightPlace } from './weight-file.ts';

const IR_VERSION = 10;
const ONNX_OPSET = 21;
export const WEIGHTS_NAME = 'graph.data';

const ELEMENT_TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A number is an integer attribute, `float(x)` a float one. */
export type Attribute = number | string | readonly number[] | { readonly float: number };
export const float = (value: number): Attribute => ({ float: value });

/** A fixed size, or the name of one that each run may choose. */
export type Dimension = number | string;

// Operators that onnxruntime adds to those of the standard.
const MICROSOFT_OPERATORS = new Set([
  'BiasGelu',
  'FusedMatMul',
  'GatherBlockQuantized',
  'GroupQueryAttention',
  'MatMulIntegerToFloat',
  'MatMulNBits',
  'MultiHeadAttention',
  'QuickGelu',
  'RotaryEmbedding',
  'SkipLayerNormalization',
  'SkipSimplifiedLayerNormalization',
]);

/** An input that is left out. */
export const NONE = '';

export class GraphWriter {
  readonly #weights: WeightFile;
  readonly #onWeights: () => void;
  readonly #graph = new ProtobufMessage();
  readonly #constants = new Set<string>();
  #named = 0;

  /** `onWeights` is called whenever a tensor has been written. */
  constructor(weights: WeightFile, onWeights: () => void = () => {}) {
    this.#weights = weights;
    this.#onWeights = onWeights;
    this.#graph.bytes(2, 'graph');
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#graph.bytes(11, valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#graph.bytes(12, valueInfo(name, type, shape));
    return name;
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output?: string,
  ): string {
    const name = output ?? this.newName(operator);
    this.nodeWithOutputs(operator, inputs, [name], attributes);
    return name;
  }

  nodeWithOutputs(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): void {
    const node = new ProtobufMessage();
    for (const input of inputs) node.bytes(1, input);
    for (const output of outputs) node.bytes(2, output);
    node.bytes(3, outputs.find((name) => name !== NONE) ?? operator).bytes(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.bytes(5, attribute(name, value));
    if (MICROSOFT_OPERATORS.has(operator)) node.bytes(7, 'com.microsoft');
    this.#graph.bytes(1, node);
  }

  newName(operator: string): string {
    return `${operator}_${this.#named++}`;
  }

  /** A small constant kept in the graph itself; asking for the same numbers again gives the same name. */
  integers(...values: number[]): string {
    const name = `int_${values.join('_')}`;
    if (this.#constants.has(name)) return name;
    this.#constants.add(name);
    const bytes = BigInt64Array.from(values, BigInt);
    this.#graph.bytes(5, tensor(name, 'int64', [values.length]).bytes(9, Buffer.from(bytes.buffer)));
    return name;
  }

  /** One unsigned byte, or one float, as a constant kept in the graph itself. */
  byte(value: number): string {
    return this.#constant(`byte_${value}`, 'uint8', Buffer.from([value]));
  }

  number(value: number): string {
    return this.#constant(`number_${value}`, 'float', Buffer.from(Float32Array.of(value).buffer));
  }

  #constant(name: string, type: ElementType, bytes: Buffer): string {
    if (!this.#constants.has(name)) this.#graph.bytes(5, tensor(name, type, [1]).bytes(9, bytes));
    this.#constants.add(name);
    return name;
  }

  /** So many ones; written once a length. */
  ones(length: number): string {
    const name = `ones_${length}`;
    if (!this.#constants.has(name)) this.vector(name, new Float32Array(length).fill(1));
    this.#constants.add(name);
    return name;
  }

  /** Writes bytes to graph.data now; `weightAt` gives them names. */
  store(pieces: Iterable<Uint8Array>): WeightPlace {
    const place = this.#weights.append(pieces);
    this.#onWeights();
    return place;
  }

  weight(name: string, type: ElementType, shape: readonly number[], pieces: Iterable<Uint8Array>): void {
    this.weightAt(name, type, shape, this.store(pieces));
  }

  vector(name: string, values: Float32Array, shape: readonly number[] = [values.length]): string {
    this.weight(name, 'float', shape, [bytesOf(values)]);
    return name;
  }

  /** A tensor over bytes of graph.data; several may share them. */
  weightAt(name: string, type: ElementType, shape: readonly number[], { offset, length }: WeightPlace): void {
    const message = tensor(name, type, shape);
    for (const [key, value] of Object.entries({ location: WEIGHTS_NAME, offset, length }))
      message.bytes(13, new ProtobufMessage().bytes(1, key).bytes(2, String(value)));
    this.#graph.bytes(5, message.int(14, 1)); // data_location = EXTERNAL
  }

  /** The bytes of graph.onnx. */
  finish(): Buffer {
    const opset = (domain: string, version: number) => new ProtobufMessage().bytes(1, domain).int(2, version);
    return new ProtobufMessage()
      .int(1, IR_VERSION)
      .bytes(2, 'steadytext')
      .bytes(7, this.#graph)
      .bytes(8, opset('', ONNX_OPSET))
      .bytes(8, opset('com.microsoft', 1))
      .finish();
  }
}

export function bytesOf(values: Float32Array | Uint8Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function tensor(name: string, type: ElementType, shape: readonly number[]): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const size of shape) message.int(1, size);
  return message.int(2, ELEMENT_TYPES[type]).bytes(8, name);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ProtobufMessage {
  const sizes = new ProtobufMessage();
  for (const size of shape) {
    const dimension = new ProtobufMessage();
    sizes.bytes(1, typeof size === 'number' ? dimension.int(1, size) : dimension.bytes(2, size));
  }
  const tensorType = new ProtobufMessage().int(1, ELEMENT_TYPES[type]).bytes(2, sizes);
  return new ProtobufMessage().bytes(1, name).bytes(2, new ProtobufMessage().bytes(1, tensorType));
}

function attribute(name: string, value: Attribute): ProtobufMessage {
  const message = new ProtobufMessage().bytes(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, 2);
  if (typeof value === 'string') return message.bytes(4, value).int(20, 3);
  if ('float' in value) return message.float(2, value.float).int(20, 1);
  for (const number of value) message.int(8, number);
  return message.int(20, 7);
}
