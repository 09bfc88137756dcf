// The graph of a BERT-family encoder: input_ids, attention_mask [B,S] → last_hidden_state [B,S,H]. Pooling is not part of
// it: a sum over tokens takes other paths for other batch sizes, a loop of our own does not. Biases ride in the fused nodes
// (attention, Gelu, normalisation), so a layer has 11 nodes.

import { type GraphWriter, NONE } from '../onnx/graph-writer.ts';
import type { TensorFile } from '../read/tensor-file.ts';
import { fusedNorm, steppedNorm } from './add-and-norm.ts';
import { bertBounds } from './bert-bounds.ts';
import type { BertShape } from './bert-shape.ts';
import { bertPrefix } from './bert-tensors.ts';
import type { LayerWriter } from './layers.ts';
import { finite, vectorOf } from './weight-pieces.ts';

const INT32 = 6;
/** Just below the least that x·Φ(x) can be, −0.169971. */
const GELU_LEAST = -0.17;

export interface BertGraphOptions {
  /** Whether it takes token_type_ids [B,S] too: which of two texts a token belongs to. */
  readonly pairs?: boolean;
}

export function writeBertGraph(
  graph: GraphWriter,
  layers: LayerWriter,
  file: TensorFile,
  shape: BertShape,
  { pairs = false }: BertGraphOptions = {},
): void {
  const prefix = bertPrefix(file);
  const { hidden, heads, epsilon } = shape;
  const weight = (name: string) => file.rows(`${prefix}${name}.weight`);
  const vector = (name: string) => graph.vector(name, vectorOf(file, prefix + name));
  const norm = layers.forAvx2 ? steppedNorm : fusedNorm;
  const addAndNorm = (added: string, residual: string, name: string, bias: string, output?: string) => {
    const [gain, shift] = [vector(`${name}.weight`), vector(`${name}.bias`)];
    return norm(graph, { added, bias, residual, gain, shift, epsilon }, output);
  };
  const bounds = bertBounds(file, prefix, hidden);

  graph.input('input_ids', 'int64', ['B', 'S']);
  graph.input('attention_mask', 'int64', ['B', 'S']);
  if (pairs) graph.input('token_type_ids', 'int64', ['B', 'S']);
  graph.output('last_hidden_state', 'float', ['B', 'S', hidden]);
  const mask = graph.node('Cast', ['attention_mask'], { to: INT32 });
  let words = layers.embedding('input_ids', 'words', weight('embeddings.word_embeddings'));
  if (pairs) {
    graph.vector('types', typeTable(file, prefix, shape), [shape.tokenTypes, hidden]);
    words = graph.node('Add', [words, graph.node('Gather', ['types', 'token_type_ids'])]);
  }
  graph.vector('positions', positionTable(file, prefix, shape, !pairs), [1, shape.positions, hidden]);
  const length = graph.node('Shape', ['input_ids'], { start: 1, end: 2 });
  const positions = graph.node('Slice', ['positions', graph.integers(0), length, graph.integers(1)]);
  let lastNorm = 'embeddings.LayerNorm';
  let state = addAndNorm(words, positions, lastNorm, NONE);

  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `encoder.layer.${layer}`;
    const ofNormed = (input: string, part: string, norm: string) =>
      layers.linearOfBounded(input, `${block}.${part}`, weight(`${block}.${part}`), bounds.normalised(norm));
    const bias = (part: string) => vector(`${block}.${part}.bias`);
    const parts = ['query', 'key', 'value'].map((part) => `attention.self.${part}`);
    const projected = parts.map((part) => ofNormed(state, part, lastNorm));
    const biases = parts.map((part) => vectorOf(file, `${prefix}${block}.${part}.bias`));
    const attentionBias = graph.vector(`${block}.attention.bias`, concatenated(biases));
    const attended = graph.node('MultiHeadAttention', [...projected, attentionBias, mask], { num_heads: heads });
    const mix = `${block}.attention.output.dense`;
    // Each head's output is a mean of its values.
    const mixed = layers.linearOfEven(
      attended,
      mix,
      weight(mix),
      bounds.linear(`${block}.attention.self.value`, lastNorm),
    );
    const mixedBias = bias('attention.output.dense');
    const middleNorm = `${block}.attention.output.LayerNorm`;
    const middle = addAndNorm(mixed, state, middleNorm, mixedBias);
    const wide = ofNormed(middle, 'intermediate.dense', middleNorm);
    const active = graph.node('BiasGelu', [wide, bias('intermediate.dense')]);
    const down = `${block}.output.dense`;
    const ownBias = vectorOf(file, `${prefix}${down}.bias`);
    // |Gelu(x)| ≤ |x|.
    const most = bounds.linear(`${block}.intermediate.dense`, middleNorm);
    const narrow = layers.linearAbove(GELU_LEAST, active, down, weight(down), most, ownBias);
    const narrowBias = graph.vector(`${down}.bias`, narrow.bias);
    const last = layer === shape.layers - 1;
    const output = last ? 'last_hidden_state' : undefined;
    lastNorm = `${block}.output.LayerNorm`;
    state = addAndNorm(narrow.product, middle, lastNorm, narrowBias, output);
  }
}

/** The position embeddings; where all texts are single, with that of token type 0, which they have, added to each. */
function positionTable(
  file: TensorFile,
  prefix: string,
  { positions, hidden }: BertShape,
  single: boolean,
): Float32Array {
  const name = `${prefix}embeddings.position_embeddings.weight`;
  const table = file.rows(name).read(0, positions);
  if (!single) return finite(file.path, name, table);
  const type = file.rows(`${prefix}embeddings.token_type_embeddings.weight`).read(0, 1);
  const sums = table.map((value, i) => value + type[i % hidden]!);
  return finite(file.path, 'embeddings.position_embeddings.weight', sums);
}

function typeTable(file: TensorFile, prefix: string, { tokenTypes }: BertShape): Float32Array {
  const name = `${prefix}embeddings.token_type_embeddings.weight`;
  return finite(file.path, name, file.rows(name).read(0, tokenTypes));
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
