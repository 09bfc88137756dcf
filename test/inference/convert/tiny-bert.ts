// A BERT encoder of some ten thousand random weights: its safetensors file and settings, and what it should answer.

import { type Encoder, encodeF32 } from './ggml-encoders.ts';
import { add, gelu, layerNorm, type Matrix, matrix, softmax, times } from './plain-maths.ts';
import { safetensorsBytes, type TensorToWrite } from './safetensors-writer.ts';
import { seeded } from './seeded.ts';

export interface TinyBertOptions {
  readonly prefix?: string;
  readonly dtype?: string;
  readonly encode?: Encoder;
  /** A pooler and a classifier of so many labels behind it. Default none. */
  readonly labels?: number;
  readonly vocabulary?: number;
  readonly positions?: number;
  /** Of one head for 16 of them. `states` and `logit` are of the default alone. */
  readonly hidden?: number;
  readonly feedForward?: number;
}

export interface TinyBert {
  readonly bytes: Buffer;
  /** What is in them, by the names of the file. */
  readonly tensors: Readonly<Record<string, TensorToWrite>>;
  /** Content of config.json. */
  readonly config: Record<string, unknown>;
  /** Hidden state after the last layer, one row a token; `first` tokens are of type 0, by default all. */
  states(ids: readonly number[], first?: number): number[][];
  /** What the classifier says of the pooled first token. */
  logit(ids: readonly number[], first: number): number;
}

const LAYERS = 2;
const HIDDEN = 64;
const HEADS = 4;
const FEED_FORWARD = 96;
const VOCABULARY = 50;
const POSITIONS = 32;
const EPSILON = 1e-12;

export function tinyBert(
  seed: number,
  {
    prefix = '',
    dtype = 'F32',
    encode = encodeF32,
    labels = 0,
    vocabulary = VOCABULARY,
    positions = POSITIONS,
    hidden = HIDDEN,
    feedForward = FEED_FORWARD,
  }: TinyBertOptions = {},
): TinyBert {
  const random = seeded(seed);
  const tensors: Record<string, TensorToWrite> = {};
  const weights = new Map<string, Matrix>();
  const put = (name: string, shape: number[], values: Float32Array) => {
    tensors[name.startsWith('classifier') ? name : prefix + name] = { shape, values };
    const [rows, width] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
    weights.set(name, matrix(rows, width, encode(values).values));
  };
  const linear = (name: string, rows: number, width: number) => {
    put(`${name}.weight`, [rows, width], random.normals(rows * width, 2 / Math.sqrt(width)));
    put(`${name}.bias`, [rows], random.normals(rows, 0.2));
  };
  const norm = (name: string) => {
    put(
      `${name}.weight`,
      [hidden],
      random.normals(hidden, 0.2).map((value) => value + 1),
    );
    put(`${name}.bias`, [hidden], random.normals(hidden, 0.2));
  };
  const tables = { word: vocabulary, position: positions, token_type: 2 };
  for (const [table, rows] of Object.entries(tables))
    put(`embeddings.${table}_embeddings.weight`, [rows, hidden], random.normals(rows * hidden, 0.5));
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) linear(`${block}.attention.self.${part}`, hidden, hidden);
    linear(`${block}.attention.output.dense`, hidden, hidden);
    norm(`${block}.attention.output.LayerNorm`);
    linear(`${block}.intermediate.dense`, feedForward, hidden);
    linear(`${block}.output.dense`, hidden, feedForward);
    norm(`${block}.output.LayerNorm`);
  }
  put('pooler.dense.weight', [hidden, hidden], random.normals(hidden * hidden, 0.1));
  if (labels > 0) {
    put('pooler.dense.bias', [hidden], random.normals(hidden, 0.2));
    linear('classifier', labels, hidden);
  }
  const config = {
    model_type: 'bert',
    hidden_size: hidden,
    num_hidden_layers: LAYERS,
    num_attention_heads: hidden / (HIDDEN / HEADS),
    intermediate_size: feedForward,
    vocab_size: vocabulary,
    max_position_embeddings: positions,
    type_vocab_size: 2,
    layer_norm_eps: EPSILON,
    hidden_act: 'gelu',
  };
  const states = (ids: readonly number[], first = ids.length) => bertStates(weights, ids, first);
  return {
    bytes: safetensorsBytes(tensors, dtype, encode),
    tensors,
    config,
    states,
    logit(ids, first) {
      const [dense, classifier] = ['pooler.dense', 'classifier'].map((name) => ({
        weight: weights.get(`${name}.weight`)!,
        bias: weights.get(`${name}.bias`)![0]!,
      }));
      const pooled = add(times(dense!.weight, states(ids, first)[0]!), dense!.bias).map(Math.tanh);
      return add(times(classifier!.weight, pooled), classifier!.bias)[0]!;
    },
  };
}

function bertStates(weights: ReadonlyMap<string, Matrix>, ids: readonly number[], first: number): number[][] {
  const weight = (name: string) => weights.get(`${name}.weight`)!;
  const bias = (name: string) => weights.get(`${name}.bias`)![0]!;
  const linear = (name: string, x: readonly number[]) => add(times(weight(name), x), bias(name));
  const norm = (name: string, x: readonly number[]) => layerNorm(x, weight(name)[0]!, bias(name), EPSILON);
  const row = (table: string, index: number) => weight(`embeddings.${table}_embeddings`)[index]!;
  let states = ids.map((id, at) =>
    norm('embeddings.LayerNorm', add(add(row('word', id), row('position', at)), row('token_type', at < first ? 0 : 1))),
  );
  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `encoder.layer.${layer}`;
    const attended = attention((part, x) => linear(`${block}.attention.self.${part}`, x), states);
    states = states.map((x, i) => {
      const mixed = linear(`${block}.attention.output.dense`, attended[i]!);
      const middle = norm(`${block}.attention.output.LayerNorm`, add(x, mixed));
      const wide = linear(`${block}.intermediate.dense`, middle).map(gelu);
      return norm(`${block}.output.LayerNorm`, add(middle, linear(`${block}.output.dense`, wide)));
    });
  }
  return states;
}

function attention(project: (part: string, x: readonly number[]) => number[], states: readonly number[][]): number[][] {
  const [queries, keys, values] = ['query', 'key', 'value'].map((part) => states.map((x) => project(part, x)));
  const size = HIDDEN / HEADS;
  return queries!.map((query) => {
    const out: number[] = [];
    for (let from = 0; from < HIDDEN; from += size) {
      const own = query.slice(from, from + size);
      const score = (key: readonly number[]) => own.reduce((sum, value, i) => sum + value * key[from + i]!, 0);
      const shares = softmax(keys!.map((key) => score(key) / Math.sqrt(size)));
      for (let i = 0; i < size; i++)
        out.push(shares.reduce((sum, share, other) => sum + share * values![other]![from + i]!, 0));
    }
    return out;
  });
}
