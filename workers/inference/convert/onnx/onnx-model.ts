// An ONNX file of somebody else's, read as far as it has to be judged: what goes in and comes out, its operators, also those
// inside of others and of functions, and where its weights lie. Numbers stay in the bytes they came in.

import { fieldsOf, numbersIn, type ProtobufField } from './read-protobuf.ts';

export interface OnnxValue {
  readonly name: string;
  /** Of ELEMENT_TYPES; 0 where it is no tensor. */
  readonly type: number;
  /** A size, or the name of one that each run may choose; undefined where nothing is said of the shape. */
  readonly sizes: readonly (number | string)[] | undefined;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  /** Undefined where its numbers are stored in another way. */
  readonly raw: Buffer | undefined;
  readonly external: ReadonlyMap<string, string>;
}

export interface OnnxAttribute {
  /** Its whole numbers: of the one, or of the list. */
  readonly integers: readonly number[];
  readonly graphs: readonly OnnxGraph[];
  readonly tensors: readonly OnnxTensor[];
}

export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly hasSparse: boolean;
}

export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** Version of the standard's operators. */
  readonly opset: number;
  /** The model's own functions, by `functionKey`. */
  readonly functions: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly hasTraining: boolean;
}

export const ELEMENT_TYPES = { float: 1, int64: 7 } as const;

const MOST_DEPTH = 16;

/** Throws RangeError or TypeError for bytes that are no ONNX model. */
export function readOnnxModel(bytes: Buffer): OnnxModel {
  const fields = all(bytes);
  const graphs = fields.filter(({ field }) => field === 7);
  if (graphs.length !== 1) throw new TypeError(`a file with ${graphs.length} graphs`);
  const functions = fields.filter(({ field }) => field === 25).map(({ content }) => readFunction(content));
  return {
    graph: readGraph(graphs[0]!.content, 0),
    opset: Math.max(0, ...fields.filter(({ field }) => field === 8).map(({ content }) => standardOpset(content))),
    functions: new Map(functions),
    hasTraining: fields.some(({ field }) => field === 20),
  };
}

export function functionKey(domain: string, name: string): string {
  return `${domain}:${name}`;
}

/** Nodes in the order of the file, each before those inside of it. */
export function* everyNode(nodes: readonly OnnxNode[]): Generator<OnnxNode> {
  for (const node of nodes) {
    yield node;
    for (const { graphs } of node.attributes.values()) for (const graph of graphs) yield* everyNode(graph.nodes);
  }
}

/** Throws TypeError where weights are kept elsewhere than in the initializers of the graph itself. */
export function refuseHiddenWeights({ graph, functions, hasTraining }: OnnxModel): void {
  if (hasTraining) throw new TypeError('training information');
  for (const node of [graph.nodes, ...functions.values()].flatMap((nodes) => [...everyNode(nodes)])) {
    for (const { tensors, graphs } of node.attributes.values()) {
      if (tensors.some(isExternal) || graphs.some((inner) => inner.initializers.some(isExternal)))
        throw new TypeError(`weights outside of the file inside of a node (${node.operator})`);
      if (graphs.some(({ hasSparse }) => hasSparse)) throw new TypeError('sparse weights');
    }
  }
  if (graph.hasSparse) throw new TypeError('sparse weights');
}

function isExternal({ external }: OnnxTensor): boolean {
  return external.size > 0;
}

function readGraph(bytes: Buffer, depth: number): OnnxGraph {
  if (depth > MOST_DEPTH) throw new RangeError(`graphs within graphs, more than ${MOST_DEPTH} deep`);
  const fields = all(bytes);
  const of = (number: number) => fields.filter(({ field }) => field === number).map(({ content }) => content);
  return {
    nodes: of(1).map((content) => readNode(content, depth)),
    initializers: of(5).map(readTensor),
    inputs: of(11).map(readValue),
    outputs: of(12).map(readValue),
    hasSparse: of(15).length > 0,
  };
}

function readFunction(bytes: Buffer): [key: string, nodes: OnnxNode[]] {
  const fields = all(bytes);
  const nodes = fields.filter(({ field }) => field === 7).map(({ content }) => readNode(content, 1));
  return [functionKey(text(fields, 10), text(fields, 1)), nodes];
}

function readNode(bytes: Buffer, depth: number): OnnxNode {
  const fields = all(bytes);
  const texts = (number: number) =>
    fields.filter(({ field }) => field === number).map(({ content }) => content.toString('utf8'));
  const attributes = fields.filter(({ field }) => field === 5).map(({ content }) => readAttribute(content, depth));
  return {
    operator: text(fields, 4),
    domain: standard(text(fields, 7)),
    inputs: texts(1),
    outputs: texts(2),
    attributes: new Map(attributes),
  };
}

function readAttribute(bytes: Buffer, depth: number): [name: string, attribute: OnnxAttribute] {
  const fields = all(bytes);
  const of = (...numbers: number[]) => fields.filter(({ field }) => numbers.includes(field));
  const sparse = of(22, 23).flatMap(({ content }) => all(content).filter(({ field }) => field === 1 || field === 2));
  return [
    text(fields, 1),
    {
      integers: [...of(3).map(({ value }) => value), ...of(8).flatMap(numbersIn)],
      graphs: of(6, 11).map(({ content }) => readGraph(content, depth + 1)),
      tensors: [...of(5, 10), ...sparse].map(({ content }) => readTensor(content)),
    },
  ];
}

function readTensor(bytes: Buffer): OnnxTensor {
  const fields = all(bytes);
  const entries = fields.filter(({ field }) => field === 13).map(({ content }) => all(content));
  return {
    name: text(fields, 8),
    type: fields.findLast(({ field }) => field === 2)?.value ?? 0,
    dims: fields.filter(({ field }) => field === 1).flatMap(numbersIn),
    raw: fields.findLast(({ field }) => field === 9)?.content,
    external: new Map(entries.map((entry) => [text(entry, 1), text(entry, 2)])),
  };
}

function readValue(bytes: Buffer): OnnxValue {
  const fields = all(bytes);
  const within = (message: readonly ProtobufField[] | undefined, number: number) => {
    const found = message?.findLast(({ field }) => field === number);
    return found && all(found.content);
  };
  const tensor = within(within(fields, 2), 1);
  const shape = within(tensor, 2);
  return {
    name: text(fields, 1),
    type: tensor?.findLast(({ field }) => field === 1)?.value ?? 0,
    sizes: shape?.filter(({ field }) => field === 1).map(({ content }) => readSize(content)),
  };
}

function readSize(bytes: Buffer): number | string {
  const fields = all(bytes);
  return fields.find(({ field }) => field === 1)?.value ?? text(fields, 2);
}

function standardOpset(bytes: Buffer): number {
  const fields = all(bytes);
  return standard(text(fields, 1)) === '' ? (fields.findLast(({ field }) => field === 2)?.value ?? 0) : 0;
}

/** The standard's operators have one domain under two names. */
function standard(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function all(bytes: Buffer): ProtobufField[] {
  return [...fieldsOf(bytes)];
}

function text(fields: readonly ProtobufField[], number: number): string {
  return fields.findLast(({ field }) => field === number)?.content.toString('utf8') ?? '';
}
