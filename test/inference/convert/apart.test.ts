// Which graphs keep the texts of a batch apart: told by their operators, also those inside of others and of functions.

import { expect, test } from 'vitest';
import { mixes } from '../../../workers/inference/convert/onnx/apart.ts';
import { readOnnxModel } from '../../../workers/inference/convert/onnx/onnx-model.ts';
import { ProtobufMessage } from '../../../workers/inference/convert/onnx/protobuf.ts';
import { nodeMessage, OnnxWriter, value } from './onnx-writer.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyOnnxBert } from './tiny-onnx-bert.ts';

/** x goes through one thing and comes out as y. */
function graphOf(write: (writer: OnnxWriter) => string): ReturnType<typeof readOnnxModel> {
  const writer = new OnnxWriter();
  writer.input('x', 'float', ['b', 's', 4]);
  writer.node('Identity', [write(writer)], { outputs: ['y'] });
  writer.output('y', 'float', ['b', 's', 4]);
  return readOnnxModel(writer.finish().graph);
}

const dynamic = (inputs: readonly string[], output: string) =>
  nodeMessage('DynamicQuantizeLinear', inputs, [output, 'scale', 'zero']);

const within = (operator: string) => (writer: OnnxWriter) => {
  const graph = new ProtobufMessage()
    .bytes(1, dynamic(['x'], 'q'))
    .bytes(2, 'inner')
    .bytes(12, value('q', 'float', []));
  return writer.node(operator, [writer.node('Size', ['x'])], {
    attributes: { then_branch: { graph }, else_branch: { graph } },
  });
};

const SCALE = 'DynamicQuantizeLinear takes one scale for all the numbers of a batch';

test.for([
  ['a product', (w: OnnxWriter) => w.node('MatMul', ['x', w.floats('m', new Float32Array(16), [4, 4])]), undefined],
  ['one scale', (w: OnnxWriter) => w.node('DynamicQuantizeLinear', ['x'], { outputs: ['q', 's', 'z'] }), SCALE],
  [
    'one scale within a product',
    (w: OnnxWriter) => w.node('DynamicQuantizeMatMul', ['x', 'm'], { domain: 'com.microsoft' }),
    'DynamicQuantizeMatMul takes one scale for all the numbers of a batch',
  ],
  [
    'one scale within a network',
    (w: OnnxWriter) => w.node('DynamicQuantizeLSTM', ['x'], { domain: 'com.microsoft' }),
    'DynamicQuantizeLSTM takes one scale for all the numbers of a batch',
  ],
  [
    'one scale within attention',
    (w: OnnxWriter) => w.node('QAttention', ['x'], { domain: 'com.microsoft' }),
    'QAttention takes one scale for all the numbers of a batch',
  ],
  ['one scale inside of a branch', within('If'), SCALE],
  ['one scale inside of a loop', within('Loop'), SCALE],
  [
    'one scale inside of a function',
    (w: OnnxWriter) => {
      w.function('own', 'Quantise', [dynamic(['in'], 'out')]);
      return w.node('Quantise', ['x'], { domain: 'own' });
    },
    SCALE,
  ],
  [
    'a function of known operators',
    (w: OnnxWriter) => {
      w.function('own', 'Twice', [nodeMessage('Add', ['in', 'in'], ['out'])]);
      return w.node('Twice', ['x'], { domain: 'own' });
    },
    undefined,
  ],
  [
    'an operator that is not known',
    (w: OnnxWriter) => w.node('LpPool', ['x']),
    'LpPool is not known to keep the texts of a batch apart',
  ],
  [
    'a softmax over texts',
    (w: OnnxWriter) => w.node('Softmax', ['x'], { attributes: { axis: 0 } }),
    'Softmax is not known to keep the texts of a batch apart',
  ],
  [
    'a mean over tokens',
    (w: OnnxWriter) => w.node('ReduceMean', ['x'], { attributes: { axes: [1] } }),
    'ReduceMean is not known to keep the texts of a batch apart',
  ],
  ['a mean over a vector', (w: OnnxWriter) => w.node('ReduceMean', ['x'], { attributes: { axes: [-1] } }), undefined],
  [
    'one scale that another output is made by',
    (w: OnnxWriter) => {
      w.node('DynamicQuantizeLinear', ['x'], { outputs: ['pooler', 's', 'z'] });
      w.output('pooler', 'int8', ['b', 's', 4]);
      return w.node('Tanh', ['x']);
    },
    undefined,
  ],
] as const)('%s', ([, write, expected]) => {
  expect(mixes(graphOf(write), 'y')).toBe(expected);
});

test('a whole encoder in floats keeps them apart, one in integers does not', () => {
  const read = (dynamic: boolean) => readOnnxModel(tinyOnnxBert(tinyBert(1), { dynamic }).graph);
  expect(mixes(read(false), 'last_hidden_state')).toBeUndefined();
  expect(mixes(read(true), 'last_hidden_state')).toBe(SCALE);
});

test('functions that call each other for ever are read once', () => {
  const model = graphOf((writer) => {
    writer.function('own', 'A', [nodeMessage('B', ['in'], ['out'], { domain: 'own' })]);
    writer.function('own', 'B', [nodeMessage('A', ['in'], ['out'], { domain: 'own' })]);
    return writer.node('A', ['x'], { domain: 'own' });
  });
  expect(mixes(model, 'y')).toBeUndefined();
});
