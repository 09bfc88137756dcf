// The graph of a decoder. It reads the keys and values of what went before and returns only those of the new
// tokens, and the logits of the rows asked for: outputs are copied at 1.2–1.6 GB/s, so returning the whole past or all logits
// would cost more than the model.
//
//   input_ids, position_ids [B,S]   sel [R]: rows of the flattened B×S whose logits are wanted
//   past_key_<l>, past_value_<l> [B,kvHeads,P,headSize]   recent_<l> [B,2·kvHeads,C,headSize]: keys, then values
//   places [B,2·kvHeads,S,3]: where in `recent` the new tokens' rows are put (element, head, row) before attention
//   bias [B,1,Q,T]   added to the scores; Q = heads/kvHeads × S, T = C + P, recent first, past last
//   →   best [R], logits [R,V], fresh_<l> [B,2·kvHeads,S,headSize]: keys, then values of the new tokens
//
// `best` is the id of the highest logit, of equal ones the lowest: at 8 streams it takes 0.6 ms of a step, where giving all
// logits back and searching them outside takes 3.5. Only a step that draws by chance asks for `logits`.
//
// Bytes do not depend on the batch: the padded past stands last in each row of scores, where it adds exact zeros to the end
// of a sum (before the others it would move them to other places of the vector units), and attention products have at
// least two rows (one row takes another path in onnxruntime, whose sums depend on the padding).
// Nor on how many tokens a step takes: a token's row of `recent` follows from its position alone, so every sum has its terms
// at the same places whether they came with this step or were there before. That is what lets a step try out tokens that
// were guessed (decoder/drafts.ts).

import { float, type GraphWriter, NONE } from '../onnx/graph-writer.ts';
import type { TensorFile } from '../read/tensor-file.ts';
import { balancedDecoder } from './balanced-decoder.ts';
import type { GgufShape } from './gguf-shape.ts';
import { EMBEDDING, OUTPUT } from './gguf-tensors.ts';
import type { LayerWriter } from './layers.ts';
import { writeProjections } from './projections.ts';
import { headMixer, rotationWriter } from './rotate-input.ts';
import { rotatedDecoder } from './rotated-decoder.ts';
import { stack, vectorOf } from './weight-pieces.ts';

/** `rotated`: in rotated coordinates (rotated-decoder.ts), which whole rows in 8 bits need. */
export function writeDecoderGraph(
  graph: GraphWriter,
  layers: LayerWriter,
  source: TensorFile,
  shape: GgufShape,
  rotated = layers.inRows,
): void {
  const { hidden, vocabulary, epsilon, headSize } = shape;
  const file = rotated ? rotatedDecoder(balancedDecoder(source), headSize) : source;
  const norm = (name: string) => graph.vector(name, vectorOf(file, name));
  const afterResidual = (residual: string, added: string, gain: string) => {
    const [normed, sum] = [graph.newName('normed'), graph.newName('residual')];
    graph.nodeWithOutputs('SkipSimplifiedLayerNormalization', [residual, added, gain], [normed, NONE, NONE, sum], {
      epsilon: float(epsilon),
    });
    return { normed, residual: sum };
  };

  graph.input('input_ids', 'int64', ['B', 'S']);
  graph.input('position_ids', 'int64', ['B', 'S']);
  graph.input('sel', 'int64', ['R']);
  graph.input('bias', 'float', ['B', 1, 'Q', 'T']);
  graph.input('places', 'int64', ['B', 2 * shape.kvHeads, 'S', 3]);
  const embedding = file.rows(EMBEDDING);
  const embedded = layers.embedding('input_ids', EMBEDDING, embedding);
  const mix = rotated ? headMixer(graph, shape.heads, headSize) : asItIs;
  const attention = attentionWriter(graph, layers, file, shape, mix);
  const turn = rotated ? rotationWriter(graph, file.rows('blk.0.ffn_down.weight').width) : asItIs;
  const feedForward = feedForwardWriter(graph, layers, file, turn);

  let state = {
    residual: embedded,
    normed: graph.node('SimplifiedLayerNormalization', [embedded, norm('blk.0.attn_norm.weight')], {
      axis: -1,
      epsilon: float(epsilon),
    }),
  };
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`;
    const attended = attention(layer, state.normed);
    state = afterResidual(state.residual, attended, norm(`${block}.ffn_norm.weight`));
    const fed = feedForward(block, state.normed);
    const next = layer + 1 < shape.layers ? `blk.${layer + 1}.attn_norm.weight` : 'output_norm.weight';
    state = afterResidual(state.residual, fed, norm(next));
  }

  const rows = graph.node('Reshape', [state.normed, graph.integers(-1, hidden)]);
  const wanted = graph.node('Gather', [rows, 'sel']);
  graph.output('logits', 'float', ['R', vocabulary]);
  if (!file.names.includes(OUTPUT)) layers.linearAgain(wanted, EMBEDDING, embedding, 'logits');
  else layers.head(wanted, OUTPUT, file.rows(OUTPUT), 'logits');
  writeBest(graph);
}

/** Of equal logits the lowest id. */
export function writeBest(graph: GraphWriter): void {
  graph.output('best', 'int64', ['R']);
  graph.node('ArgMax', ['logits'], { axis: -1, keepdims: 0, select_last_index: 0 }, 'best');
}

const asItIs = (input: string): string => input;

/** Returns what writes the feed-forward of one block; `turn` writes the rotation of what its last matrix reads. */
function feedForwardWriter(graph: GraphWriter, layers: LayerWriter, file: TensorFile, turn: (input: string) => string) {
  const weight = (block: string, part: string) => file.rows(`${block}.ffn_${part}.weight`);

  return (block: string, input: string): string => {
    // One product for both halves: at one stream a step takes 12 % less time than with two (measured, one thread).
    const stacked = stack(weight(block, 'gate'), weight(block, 'up'));
    const both = layers.linearOfNormed(input, `${block}.gate_up`, stacked);
    const [gate, up] = [`${block}.gate`, `${block}.up`];
    graph.nodeWithOutputs('Split', [both], [gate, up], { axis: -1, num_outputs: 2 });
    // QuickGelu with alpha 1 is x × sigmoid(x), the activation of these families, as one node.
    const gated = graph.node('Mul', [graph.node('QuickGelu', [gate], { alpha: float(1) }), up]);
    return layers.linearOfTurned(turn(gated), `${block}.down`, weight(block, 'down'));
  };
}

/**
 * Returns what writes the attention of one layer; what the layers share is written once, before. `mix` writes the mixture of heads
 * that its last matrix reads.
 */
function attentionWriter(
  graph: GraphWriter,
  layers: LayerWriter,
  file: TensorFile,
  shape: GgufShape,
  mix: (input: string) => string,
) {
  const { heads, kvHeads, headSize } = shape;
  const group = heads / kvHeads;
  const { cosine, sine } = rotaryTables(shape);
  graph.vector('cosine', cosine, [shape.maxTokens, headSize / 2]);
  graph.vector('sine', sine, [shape.maxTokens, headSize / 2]);
  const sizeOf = (input: string, axis: number) => graph.node('Shape', [input], { start: axis, end: axis + 1 });
  const recentAndPast = graph.node('Concat', [sizeOf('recent_0', 2), sizeOf('past_key_0', 2)], { axis: 0 });
  const single = group === 1;
  // Without groups a step has one query row; a second, equal one keeps the product on the path of many rows.
  const twice = (rows: string) => graph.node('Concat', [rows, rows], { axis: 2 });
  const bias = single ? twice('bias') : 'bias';

  return (layer: number, input: string): string => {
    const block = `blk.${layer}`;
    const past = (part: string) => graph.input(`past_${part}_${layer}`, 'float', ['B', kvHeads, 'P', headSize]);
    const [pastKey, pastValue] = [past('key'), past('value')];
    const recent = graph.input(`recent_${layer}`, 'float', ['B', 2 * kvHeads, 'C', headSize]);
    const fresh = graph.output(`fresh_${layer}`, 'float', ['B', 2 * kvHeads, 'S', headSize]);

    const { query, key, value } = writeProjections(graph, layers, file, shape, block, input);
    const rotate = (part: string, count: number) =>
      graph.node('RotaryEmbedding', [part, 'position_ids', 'cosine', 'sine'], { num_heads: count });
    const both = graph.node('Concat', [rotate(key, kvHeads), value], { axis: -1 });
    const perHead = graph.node('Reshape', [both, graph.integers(0, 0, 2 * kvHeads, headSize)]);
    graph.node('Transpose', [perHead], { perm: [0, 2, 1, 3] }, fresh);
    const [recentKey, recentValue] = [`${block}.recent_key`, `${block}.recent_value`];
    const complete = graph.node('ScatterND', [recent, 'places', fresh]);
    graph.nodeWithOutputs('Split', [complete], [recentKey, recentValue], { axis: 1, num_outputs: 2 });

    // Queries of one key/value head stand below each other, so that a group shares one product.
    const grouped = graph.node('Reshape', [rotate(query, heads), graph.integers(0, 0, kvHeads, group, headSize)]);
    const byGroup = graph.node('Transpose', [grouped], { perm: [0, 2, 3, 1, 4] });
    const oneCopy = graph.node('Reshape', [byGroup, graph.integers(0, kvHeads, -1, headSize)]);
    const queries = single ? twice(oneCopy) : oneCopy;
    const scores = (keys: string) =>
      graph.node('FusedMatMul', [queries, keys], { alpha: float(1 / Math.sqrt(headSize)), transB: 1 });
    const biased = graph.node('Add', [graph.node('Concat', [scores(recentKey), scores(pastKey)], { axis: -1 }), bias]);
    const [onRecent, onPast] = [graph.newName('onRecent'), graph.newName('onPast')];
    graph.nodeWithOutputs('Split', [graph.node('Softmax', [biased], { axis: -1 }), recentAndPast], [onRecent, onPast], {
      axis: -1,
    });
    const mixed = graph.node('Add', [
      graph.node('MatMul', [onPast, pastValue]),
      graph.node('MatMul', [onRecent, recentValue]),
    ]);
    // [B, kvHeads, (copies ×) group × S, headSize] → [B, S, heads × headSize]; of two copies the first is taken.
    const split = graph.node('Reshape', [mixed, graph.integers(0, kvHeads, single ? 2 : group, -1, headSize)]);
    const first = single
      ? graph.node('Slice', [split, graph.integers(0), graph.integers(1), graph.integers(2)])
      : split;
    const byToken = graph.node('Transpose', [first], { perm: [0, 3, 1, 2, 4] });
    const flat = graph.node('Reshape', [mix(byToken), graph.integers(0, 0, heads * headSize)]);
    return layers.linearOfTurned(flat, `${block}.attention_out`, file.rows(`${block}.attn_output.weight`));
  };
}

function rotaryTables({ maxTokens, headSize, ropeBase }: GgufShape) {
  const half = headSize / 2;
  const cosine = new Float32Array(maxTokens * half);
  const sine = new Float32Array(maxTokens * half);
  for (let position = 0; position < maxTokens; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position / ropeBase ** ((2 * i) / headSize);
      cosine[position * half + i] = Math.cos(angle);
      sine[position * half + i] = Math.sin(angle);
    }
  }
  return { cosine, sine };
}
