// What a ready-made encoder has to take and give, by name, type and size; and whose operators it may have.

import type { ModelKind } from '../../engine.ts';
import type { ReadyMadeGraph } from '../../model-folder.ts';
import { unsupported } from '../read/source-errors.ts';
import { ELEMENT_TYPES, everyNode, functionKey, type OnnxModel, type OnnxValue } from './onnx-model.ts';

export interface GraphOutput {
  readonly name: string;
  /** A vector a token, or else one row a text. */
  readonly perToken: boolean;
  /** Numbers of a vector; undefined where the graph does not say. */
  readonly width: number | undefined;
  /** Whether it was written for batches of one. */
  readonly oneByOne: boolean;
}

const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];
const TOKEN_VECTORS = ['last_hidden_state', 'token_embeddings'];
const TEXT_VECTORS = ['sentence_embedding'];
const LOGITS = ['logits'];
/** Whose operators onnxruntime has on a CPU; others come with libraries of their own, which are code. */
const DOMAINS = ['', 'com.microsoft'];

export function checkOperators(path: string, { graph, functions }: OnnxModel): void {
  for (const node of [graph.nodes, ...functions.values()].flatMap((nodes) => [...everyNode(nodes)])) {
    const { domain, operator } = node;
    if (DOMAINS.includes(domain) || functions.has(functionKey(domain, operator))) continue;
    throw unsupported(
      path,
      `has an operator ${domain}.${operator} of a library of its own; known are those of ONNX and of com.microsoft`,
    );
  }
}

/** Which of the inputs it has. */
export function checkInputs(path: string, { graph }: OnnxModel): Pick<ReadyMadeGraph, 'mask' | 'types'> {
  // In older files initializers are inputs too.
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  const names = inputs.map(({ name }) => name);
  const other = names.find((name) => !INPUTS.includes(name));
  if (other !== undefined || !names.includes('input_ids') || new Set(names).size < names.length)
    throw unsupported(path, `expected inputs among ${INPUTS.join(', ')}, got ${names.join(', ') || 'none'}`);
  for (const input of inputs) {
    if (input.type !== ELEMENT_TYPES.int64)
      throw unsupported(path, `expected ${input.name} in int64, got ${typeName(input.type)}`);
    const [texts, tokens] = input.sizes ?? ['', ''];
    const isFree = (size: number | string | undefined) => typeof size === 'string' || size === 0;
    if ((input.sizes !== undefined && input.sizes.length !== 2) || !isFree(tokens) || !(isFree(texts) || texts === 1))
      throw unsupported(path, `expected ${input.name} for any number of texts and tokens, got ${sizesOf(input)}`);
  }
  return { mask: names.includes('attention_mask'), types: names.includes('token_type_ids') };
}

/** `hasPooling`: there are settings that say how token vectors become one. */
export function chooseOutput(path: string, { graph }: OnnxModel, kind: ModelKind, hasPooling: boolean): GraphOutput {
  const perToken = named(graph.outputs, TOKEN_VECTORS);
  const perText = named(graph.outputs, TEXT_VECTORS);
  const known =
    kind === 'reranking' ? named(graph.outputs, LOGITS) : hasPooling ? (perToken ?? perText) : (perText ?? perToken);
  if (known === undefined) {
    const expected = kind === 'reranking' ? LOGITS : [...TOKEN_VECTORS, ...TEXT_VECTORS];
    const names = graph.outputs.map(({ name }) => name).join(', ');
    throw unsupported(path, `expected an output among ${expected.join(', ')}, got ${names || 'none'}`);
  }
  if (known.type !== ELEMENT_TYPES.float)
    throw unsupported(path, `expected ${known.name} in float, got ${typeName(known.type)}`);
  const rank = known === perToken ? 3 : 2;
  const { sizes } = known;
  if (sizes !== undefined && sizes.length !== rank && !(kind === 'reranking' && sizes.length === 1))
    throw unsupported(path, `expected ${known.name} of ${rank} sizes, got ${sizesOf(known)}`);
  const last = sizes?.length === rank ? sizes.at(-1) : undefined;
  const width = typeof last === 'number' && last > 0 ? last : undefined;
  if (kind === 'reranking' && width !== undefined && width !== 1)
    throw unsupported(path, `expected a classifier of one label, got one of ${width} (${sizesOf(known)})`);
  return { name: known.name, perToken: known === perToken, width, oneByOne: graph.inputs[0]?.sizes?.[0] === 1 };
}

function named(values: readonly OnnxValue[], names: readonly string[]): OnnxValue | undefined {
  return names.map((name) => values.find((value) => value.name === name)).find((value) => value !== undefined);
}

function sizesOf({ sizes }: OnnxValue): string {
  return sizes === undefined ? 'no sizes' : `sizes ${sizes.map((size) => size || '?').join(' × ') || 'none'}`;
}

const TYPE_NAMES = [
  '',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
];

function typeName(type: number): string {
  return TYPE_NAMES[type] || `type ${type}`;
}
