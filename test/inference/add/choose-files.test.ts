// Which files of a place make its model, and what kind of model that is.

import { describe, expect, test } from 'vitest';
import { chooseFiles, type ModelConfig } from '../../../workers/inference/add/choose-files.ts';
import type { ModelKind } from '../../../workers/inference/engine.ts';

const SETTINGS = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const BERT: ModelConfig = { model_type: 'bert', architectures: ['BertModel'] };
const MPNET: ModelConfig = { model_type: 'mpnet', architectures: ['MPNetModel'] };
const RANKER: ModelConfig = { model_type: 'bert', architectures: ['BertForSequenceClassification'] };

function chosen(paths: readonly string[], config?: ModelConfig, wanted?: ModelKind, asked?: string) {
  const files = paths.map((path) => ({ path, bytes: 1000 }));
  return chooseFiles({ files, asked, label: 'place' }, config, wanted);
}

describe('chosen are', () => {
  test.for([
    ['the one GGUF file', ['README.md', 'a.gguf'], undefined, 'a.gguf', 'text'],
    [
      'safetensors of a BERT',
      ['model.safetensors', 'onnx/model.onnx', ...SETTINGS],
      BERT,
      'model.safetensors',
      'embedding',
    ],
    ['those of a cross-encoder', ['model.safetensors', ...SETTINGS], RANKER, 'model.safetensors', 'reranking'],
    [
      'the graph of another family',
      ['model.safetensors', 'onnx/model.onnx', ...SETTINGS],
      MPNET,
      'onnx/model.onnx',
      'embedding',
    ],
    ['the graph where there is nothing else', ['model.onnx', ...SETTINGS], BERT, 'model.onnx', 'embedding'],
    [
      'safetensors of a family that is not known, for its name to be told',
      ['model.safetensors', ...SETTINGS],
      MPNET,
      'model.safetensors',
      'embedding',
    ],
  ] as const)('%s', ([, paths, config, weights, kind]) => {
    const found = chosen(paths, config);
    expect([found.paths.get('weights'), found.kind]).toEqual([weights, kind]);
  });

  test('the file that is asked for, and the data beside it', () => {
    const paths = ['onnx/model.onnx', 'onnx/model_fp16.onnx', 'onnx/model_fp16.onnx_data', ...SETTINGS];
    const found = chosen(paths, MPNET, 'reranking', 'onnx/model_fp16.onnx');
    expect(found).toMatchObject({ form: 'onnx', kind: 'reranking' });
    expect(Object.fromEntries(found.paths)).toMatchObject({
      weights: 'onnx/model_fp16.onnx',
      weights_data: 'onnx/model_fp16.onnx_data',
      config: 'config.json',
    });
  });
});

describe('refused is', () => {
  test.for([
    [
      'several GGUF files',
      ['a.gguf', 'b.gguf'],
      undefined,
      undefined,
      'InvalidOption',
      'expected one GGUF file, got 2:\n  a.gguf',
    ],
    [
      'variants of a graph',
      ['onnx/a.onnx', 'onnx/b.onnx', ...SETTINGS],
      MPNET,
      undefined,
      'InvalidOption',
      'expected one ONNX file',
    ],
    [
      'a pickle',
      ['pytorch_model.bin', ...SETTINGS],
      BERT,
      undefined,
      'ModelUnsupported',
      'got pytorch_model.bin, config.json',
    ],
    ['an empty folder', [], undefined, undefined, 'ModelUnsupported', 'got no file'],
    [
      'weights in parts',
      ['model-00001-of-00002.safetensors', ...SETTINGS],
      BERT,
      undefined,
      'ModelUnsupported',
      'model-00001-of-00002.safetensors',
    ],
    [
      'an encoder without tokenizer',
      ['model.safetensors', 'config.json'],
      BERT,
      undefined,
      'ModelUnsupported',
      'expected tokenizer.json and tokenizer_config.json beside model.safetensors',
    ],
    [
      'a text model in safetensors',
      ['model.safetensors', ...SETTINGS],
      { architectures: ['LlamaForCausalLM'] },
      undefined,
      'ModelUnsupported',
      'as one GGUF file, got LlamaForCausalLM',
    ],
    [
      'GGUF that is to embed',
      ['a.gguf'],
      undefined,
      'embedding',
      'ModelUnsupported',
      'expected safetensors or ONNX for a model of kind embedding',
    ],
    [
      'a graph with data in parts',
      ['model.onnx', 'model.onnx_data', 'model.onnx_data_1', ...SETTINGS],
      BERT,
      undefined,
      'ModelUnsupported',
      'in one file beside it, got model.onnx_data, model.onnx_data_1',
    ],
  ] as const)('%s', ([, paths, config, wanted, name, message]) => {
    expect(() => chosen(paths, config, wanted)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });
});
