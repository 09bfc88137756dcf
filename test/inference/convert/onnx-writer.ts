// Writes ONNX files as others write them: weights inside, or beside in a file of any name; any operator of any library; graphs
// inside of nodes, and functions.

import { ProtobufMessage } from '../../../workers/inference/convert/onnx/protobuf.ts';

export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: ProtobufMessage };
export type Sizes = readonly (number | string)[];

const TYPES = { float: 1, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type OnnxType = keyof typeof TYPES;

export interface NodeOptions {
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
}

export class OnnxWriter {
  readonly graph = new ProtobufMessage();
  readonly #functions: ProtobufMessage[] = [];
  readonly #data: Buffer[] = [];
  #dataBytes = 0;
  #named = 0;
  /** Name of the file that tensors are written beside the graph to; undefined keeps them inside. */
  location: string | undefined;

  input(name: string, type: OnnxType, sizes: Sizes): string {
    this.graph.bytes(11, value(name, type, sizes));
    return name;
  }

  output(name: string, type: OnnxType, sizes: Sizes): void {
    this.graph.bytes(12, value(name, type, sizes));
  }

  /** Gives the name of the first output. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const { outputs = [`${operator}_${this.#named++}`] } = options;
    this.graph.bytes(1, nodeMessage(operator, inputs, outputs, options));
    return outputs[0]!;
  }

  floats(name: string, values: Float32Array, sizes: readonly number[]): string {
    return this.tensor(name, 'float', sizes, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }

  bytes(name: string, values: Int8Array, sizes: readonly number[]): string {
    return this.tensor(name, 'int8', sizes, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }

  integers(...values: readonly number[]): string {
    const name = `int_${this.#named++}`;
    return this.tensor(name, 'int64', [values.length], Buffer.from(BigInt64Array.from(values, BigInt).buffer));
  }

  number(number: number): string {
    return this.tensor(`number_${this.#named++}`, 'float', [], Buffer.from(Float32Array.of(number).buffer));
  }

  tensor(name: string, type: OnnxType, sizes: readonly number[], content: Buffer): string {
    const message = new ProtobufMessage();
    for (const size of sizes) message.int(1, size);
    message.int(2, TYPES[type]).bytes(8, name);
    if (this.location === undefined || content.length < 64) message.bytes(9, content);
    else {
      const place = { location: this.location, offset: String(this.#dataBytes), length: String(content.length) };
      for (const [key, text] of Object.entries(place))
        message.bytes(13, new ProtobufMessage().bytes(1, key).bytes(2, text));
      message.int(14, 1);
      this.#data.push(content);
      this.#dataBytes += content.length;
    }
    this.graph.bytes(5, message);
    return name;
  }

  /** A function of one input and one output, of nodes written by `write`. */
  function(domain: string, name: string, nodes: readonly ProtobufMessage[]): void {
    const message = new ProtobufMessage().bytes(1, name).bytes(4, 'in').bytes(5, 'out').bytes(10, domain);
    for (const node of nodes) message.bytes(7, node);
    this.#functions.push(message.bytes(9, opset('', 17)));
  }

  finish({ libraries = [] as readonly string[] } = {}): { readonly graph: Buffer; readonly data: Buffer } {
    const model = new ProtobufMessage().int(1, 8).bytes(2, 'tests').bytes(7, this.graph.bytes(2, 'graph'));
    for (const message of [opset('', 17), opset('com.microsoft', 1), ...libraries.map((name) => opset(name, 1))])
      model.bytes(8, message);
    for (const message of this.#functions) model.bytes(25, message);
    return { graph: model.finish(), data: Buffer.concat(this.#data) };
  }
}

export function nodeMessage(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { attributes = {}, domain = '' }: NodeOptions = {},
): ProtobufMessage {
  const node = new ProtobufMessage();
  for (const name of inputs) node.bytes(1, name);
  for (const name of outputs) node.bytes(2, name);
  node.bytes(3, outputs[0]!).bytes(4, operator);
  for (const [name, content] of Object.entries(attributes)) node.bytes(5, attribute(name, content));
  return domain === '' ? node : node.bytes(7, domain);
}

function attribute(name: string, content: OnnxAttribute): ProtobufMessage {
  const message = new ProtobufMessage().bytes(1, name);
  if (typeof content === 'number') return message.int(3, content).int(20, 2);
  if (typeof content === 'string') return message.bytes(4, content).int(20, 3);
  if ('float' in content) return message.float(2, content.float).int(20, 1);
  if ('graph' in content) return message.bytes(6, content.graph).int(20, 5);
  for (const number of content) message.int(8, number);
  return message.int(20, 7);
}

function opset(domain: string, version: number): ProtobufMessage {
  return new ProtobufMessage().bytes(1, domain).int(2, version);
}

export function value(name: string, type: OnnxType, sizes: Sizes): ProtobufMessage {
  const shape = new ProtobufMessage();
  for (const size of sizes) {
    const dimension = new ProtobufMessage();
    shape.bytes(1, typeof size === 'number' ? dimension.int(1, size) : dimension.bytes(2, size));
  }
  const tensor = new ProtobufMessage().int(1, TYPES[type]).bytes(2, shape);
  return new ProtobufMessage().bytes(1, name).bytes(2, new ProtobufMessage().bytes(1, tensor));
}
