// The tiny BERT as a graph that others would export: plain operators, everything inside, in floats or with its products in the
// usual dynamic int8.

import { OnnxWriter } from './onnx-writer.ts';
import type { TensorToWrite } from './safetensors-writer.ts';
import type { TinyBert } from './tiny-bert.ts';

export interface TinyOnnxOptions {
  /** Products of integers, with one scale for all the activations of a batch. */
  readonly dynamic?: boolean;
  /** What it gives; sentence_embedding: the mean of a text's token vectors, logits: what the classifier says. */
  readonly output?: 'last_hidden_state' | 'token_embeddings' | 'sentence_embedding' | 'logits';
  /** File beside it that holds its weights. */
  readonly location?: string;
  /** Inputs beside input_ids. */
  readonly mask?: boolean;
  readonly types?: boolean;
  readonly change?: (writer: OnnxWriter) => void;
  readonly libraries?: readonly string[];
}

const [LAYERS, HIDDEN, HEADS, EPSILON] = [2, 64, 4, 1e-12];

export function tinyOnnxBert(model: TinyBert, options: TinyOnnxOptions = {}) {
  const {
    dynamic = false,
    output = 'last_hidden_state',
    mask = true,
    types = true,
    location,
    change,
    libraries = [],
  } = options;
  const writer = new OnnxWriter();
  writer.location = location;
  const of = (name: string): TensorToWrite => model.tensors[name] ?? model.tensors[`bert.${name}`]!;
  const constant = (name: string) => writer.floats(name, of(name).values, of(name).shape);
  const add = (a: string, b: string) => writer.node('Add', [a, b]);
  const norm = (x: string, name: string, outputs?: string[]) =>
    writer.node('LayerNormalization', [x, constant(`${name}.weight`), constant(`${name}.bias`)], {
      attributes: { axis: -1, epsilon: { float: EPSILON } },
      ...(outputs && { outputs }),
    });

  function linear(x: string, name: string): string {
    const { shape, values } = of(`${name}.weight`);
    const [rows, width] = shape as [number, number];
    const turned = Float32Array.from(values, (_, i) => values[(i % rows) * width + Math.floor(i / rows)]!);
    const bias = constant(`${name}.bias`);
    if (!dynamic) return add(writer.node('MatMul', [x, writer.floats(`${name}.turned`, turned, [width, rows])]), bias);
    const scale = Math.max(...turned.map(Math.abs)) / 127;
    const codes = writer.bytes(
      `${name}.codes`,
      Int8Array.from(turned, (value) => Math.round(value / scale)),
      [width, rows],
    );
    const [q, s, z] = [`${name}.q`, `${name}.s`, `${name}.z`];
    writer.node('DynamicQuantizeLinear', [x], { outputs: [q, s, z] });
    const product = writer.node('Cast', [writer.node('MatMulInteger', [q, codes, z])], { attributes: { to: 1 } });
    return add(writer.node('Mul', [product, writer.node('Mul', [s, writer.number(scale)])]), bias);
  }

  writer.input('input_ids', 'int64', ['batch', 'sequence']);
  if (mask) writer.input('attention_mask', 'int64', ['batch', 'sequence']);
  if (types) writer.input('token_type_ids', 'int64', ['batch', 'sequence']);
  change?.(writer);
  const words = writer.node('Gather', [constant('embeddings.word_embeddings.weight'), 'input_ids']);
  const zeros = writer.node('Sub', ['input_ids', 'input_ids']);
  const kinds = writer.node('Gather', [
    constant('embeddings.token_type_embeddings.weight'),
    types ? 'token_type_ids' : zeros,
  ]);
  const length = writer.node('Shape', ['input_ids'], { attributes: { start: 1, end: 2 } });
  const places = writer.node('Slice', [
    constant('embeddings.position_embeddings.weight'),
    writer.integers(0),
    length,
    writer.integers(0),
  ]);
  let state = norm(add(add(words, places), kinds), 'embeddings.LayerNorm');
  const wanted = writer.node('Cast', [mask ? 'attention_mask' : writer.node('Add', [zeros, writer.integers(1)])], {
    attributes: { to: 1 },
  });
  const hidden = writer.node('Mul', [writer.node('Sub', [writer.number(1), wanted]), writer.number(-10_000)]);
  const bias = writer.node('Unsqueeze', [hidden, writer.integers(1, 2)]);

  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `encoder.layer.${layer}`;
    const heads = (part: string, perm: readonly number[]) => {
      const all = writer.node('Reshape', [
        linear(state, `${block}.attention.self.${part}`),
        writer.integers(0, 0, HEADS, HIDDEN / HEADS),
      ]);
      return writer.node('Transpose', [all], { attributes: { perm } });
    };
    const products = writer.node('MatMul', [heads('query', [0, 2, 1, 3]), heads('key', [0, 2, 3, 1])]);
    const scores = add(writer.node('Div', [products, writer.number(Math.sqrt(HIDDEN / HEADS))]), bias);
    const shares = writer.node('Softmax', [scores], { attributes: { axis: -1 } });
    const mixed = writer.node('Transpose', [writer.node('MatMul', [shares, heads('value', [0, 2, 1, 3])])], {
      attributes: { perm: [0, 2, 1, 3] },
    });
    const joined = writer.node('Reshape', [mixed, writer.integers(0, 0, HIDDEN)]);
    const middle = norm(
      add(state, linear(joined, `${block}.attention.output.dense`)),
      `${block}.attention.output.LayerNorm`,
    );
    const wide = linear(middle, `${block}.intermediate.dense`);
    const erf = writer.node('Erf', [writer.node('Div', [wide, writer.number(Math.SQRT2)])]);
    const active = writer.node('Mul', [writer.node('Mul', [wide, add(erf, writer.number(1))]), writer.number(0.5)]);
    const isTokens = layer === LAYERS - 1 && (output === 'last_hidden_state' || output === 'token_embeddings');
    state = norm(
      add(middle, linear(active, `${block}.output.dense`)),
      `${block}.output.LayerNorm`,
      isTokens ? [output] : undefined,
    );
  }
  if (output === 'sentence_embedding') {
    const weights = writer.node('Unsqueeze', [wanted, writer.integers(2)]);
    const sum = (x: string) => writer.node('ReduceSum', [x, writer.integers(1)], { attributes: { keepdims: 0 } });
    writer.node('Div', [sum(writer.node('Mul', [state, weights])), sum(weights)], { outputs: [output] });
  }
  if (output === 'logits') {
    const first = writer.node('Gather', [state, writer.tensor('first', 'int64', [], Buffer.alloc(8))], {
      attributes: { axis: 1 },
    });
    writer.node('Identity', [linear(writer.node('Tanh', [linear(first, 'pooler.dense')]), 'classifier')], {
      outputs: [output],
    });
  }
  const sizes = {
    logits: ['batch', of('classifier.bias')?.shape[0] ?? 1],
    sentence_embedding: ['batch', HIDDEN],
  } as const;
  writer.output(output, 'float', output in sizes ? sizes[output as 'logits'] : ['batch', 'sequence', HIDDEN]);
  return writer.finish({ libraries });
}
