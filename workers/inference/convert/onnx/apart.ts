// Whether a graph of somebody else's keeps the texts of a batch apart: whether a text's numbers come out the same, bit by bit,
// alone and beside longer ones. The usual int8 files do not: DynamicQuantizeLinear takes one scale for all of a batch, and padding
// alone moves results by up to 0.03. Known good operators are listed, and every other one counts as one that does not.

import { ELEMENT_TYPES, everyNode, functionKey, type OnnxModel, type OnnxNode } from './onnx-model.ts';

/**
 * Of each the numbers of a row follow from that row alone, and padding behind it adds exact zeros at most. Products are among them
 * since a session has one thread and a text two tokens or more (session.ts). Sums over other axes than the last are not: they
 * take another order of additions for one row than for several.
 */
const STANDARD = words(`
  Abs Add And Cast Ceil Clip Concat Constant ConstantOfShape Cos CumSum DequantizeLinear Div Elu Equal Erf Exp Expand Flatten
  Floor Gather GatherElements GatherND Gelu Greater GreaterOrEqual HardSigmoid Identity IsNaN LeakyRelu LayerNormalization Less LessOrEqual Log
  MatMul MatMulInteger Max Min Mod Mul Neg Not Or Pow QLinearMatMul QuantizeLinear Range Reciprocal ReduceMean Relu Reshape
  ScatterND Shape Sigmoid Sign Sin Size Slice Softmax Split Sqrt Squeeze Sub Tanh Tile Transpose Trilu Unsqueeze Where Xor
  SimplifiedLayerNormalization`);
const MICROSOFT = words(`
  BiasGelu FastGelu FusedMatMul Gelu MatMulNBits MultiHeadAttention QuickGelu RotaryEmbedding SkipLayerNormalization
  SkipSimplifiedLayerNormalization`);
/** They take their scales from all numbers that they get. */
const ONE_SCALE = /^(DynamicQuantize|QAttention$|QLinear(?!MatMul))/;

/** Undefined where texts keep apart; else why they do not, as a phrase. `output`: what is read of the graph. */
export function mixes(model: OnnxModel, output: string): string | undefined {
  const reasons = [...withinFunctions(model, nodesBefore(model, output))].map((node) => reasonOf(model, node));
  const found = reasons.filter((reason) => reason !== undefined);
  // A scale of all texts tells more than an operator that nobody has looked at.
  return found.find(({ oneScale }) => oneScale)?.text ?? found[0]?.text;
}

function reasonOf(model: OnnxModel, node: OnnxNode) {
  const { operator, domain } = node;
  if (model.functions.has(functionKey(domain, operator))) return undefined;
  if (ONE_SCALE.test(operator))
    return { oneScale: true, text: `${operator} takes one scale for all the numbers of a batch` };
  const known = domain === '' ? STANDARD : domain === 'com.microsoft' ? MICROSOFT : undefined;
  if (known?.has(operator) && overLastAxis(model, node)) return undefined;
  return { oneScale: false, text: `${operator} is not known to keep the texts of a batch apart` };
}

/** Of operators that sum: whether they do it within a row. */
function overLastAxis({ opset, graph }: OnnxModel, { operator, inputs, attributes }: OnnxNode): boolean {
  const axis = attributes.get('axis')?.integers[0];
  // Up to opset 12 the axis is 1 where none is given. Scores have four sizes: their last is the third.
  if (operator === 'Softmax') return axis === -1 || axis === 3 || (axis === undefined && opset >= 13);
  if (operator.endsWith('LayerNormalization')) return axis === undefined || axis === -1;
  if (operator !== 'ReduceMean') return true;
  const axes = attributes.get('axes')?.integers ?? integersOf(graph, inputs[1]);
  return axes.length === 1 && axes[0] === -1;
}

/** A constant of whole numbers, kept as an initializer or as a node. */
function integersOf({ initializers, nodes }: OnnxModel['graph'], name: string | undefined): number[] {
  const node = nodes.find(({ operator, outputs }) => operator === 'Constant' && outputs[0] === name);
  const tensor = initializers.find((its) => its.name === name) ?? node?.attributes.get('value')?.tensors[0];
  if (tensor?.type !== ELEMENT_TYPES.int64 || tensor.raw === undefined || tensor.raw.length !== 8) return [];
  return [Number(tensor.raw.readBigInt64LE())];
}

/** The nodes that an output is made by; what hangs beside (a pooler) changes nothing in it. */
function nodesBefore({ graph }: OnnxModel, output: string): OnnxNode[] {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const found = new Set<OnnxNode>();
  const wanted = [output];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const node = makers.get(name);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    wanted.push(...node.inputs);
    // A graph within a node sees all names around it.
    for (const inner of everyNode([node])) if (inner !== node) wanted.push(...inner.inputs);
  }
  return [...found];
}

/** With what is inside of them, and inside of the functions that they call; each function once. */
function* withinFunctions({ functions }: OnnxModel, nodes: readonly OnnxNode[]): Generator<OnnxNode> {
  const called = new Set<string>();
  const left = [nodes];
  for (let some = left.pop(); some !== undefined; some = left.pop()) {
    for (const node of everyNode(some)) {
      yield node;
      const key = functionKey(node.domain, node.operator);
      const body = functions.get(key);
      if (body === undefined || called.has(key)) continue;
      called.add(key);
      left.push(body);
    }
  }
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
