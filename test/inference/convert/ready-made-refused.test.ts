// Graphs of others that are refused when they are opened: by the name of what is wrong, in one sentence.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import { ProtobufMessage } from '../../../workers/inference/convert/onnx/protobuf.ts';
import { openSourceModel } from '../../../workers/inference/convert/source-model.ts';
import type { ModelKind } from '../../../workers/inference/engine.ts';
import { tinyCrossEncoder, tinyEncoder } from '../engine/tiny-encoders.ts';
import { makeTinyModels, type Sources } from '../engine/tiny-models.ts';
import { sha256 } from '../store/support.ts';
import { nodeMessage, OnnxWriter } from './onnx-writer.ts';
import { type TinyOnnxOptions, tinyOnnxBert } from './tiny-onnx-bert.ts';
import { temporaryFolder } from './tiny-source.ts';

const { sources, model } = tinyEncoder(3);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = JSON.parse(String(sources.config));

function open(changes: Sources, kind: ModelKind = 'embedding') {
  const folder = temporaryFolder();
  const files = Object.entries({ ...sources, ...changes }).map(([role, body]) => {
    const path = join(folder, role === 'weights' ? 'model.onnx' : role);
    writeFileSync(path, body);
    return [role, path];
  });
  openSourceModel(kind, Object.fromEntries(files), 'onnx').file.close();
}

function refusalOf(changes: Sources, kind?: ModelKind): { name: string; message: string } {
  try {
    open(changes, kind);
  } catch (error) {
    expect((error as Error).message.split('\n')).toHaveLength(1);
    return error as { name: string; message: string };
  }
  throw new Error('Expected a refusal, but the graph was taken');
}

const graphWith = (options: TinyOnnxOptions) => {
  const { graph, data } = tinyOnnxBert(model, options);
  return { weights: graph, ...(data.length > 0 && { weights_data: data }) };
};

/** A graph of one node, with inputs and outputs of its own. */
function small(write: (writer: OnnxWriter) => void): Sources {
  const writer = new OnnxWriter();
  write(writer);
  return { weights: writer.finish().graph };
}

const plain = (writer: OnnxWriter, ids: Parameters<OnnxWriter['input']> = ['input_ids', 'int64', ['b', 's']]) => {
  writer.input(...ids);
  writer.node('Cast', ['input_ids'], { attributes: { to: 1 }, outputs: ['last_hidden_state'] });
};

test('what is refused below is taken without its fault', () => {
  open(graphWith({}));
  open(graphWith({ location: 'model.onnx_data' }));
  open(small((writer) => [plain(writer), writer.output('last_hidden_state', 'float', ['b', 's', 64])]));
});

describe('refused is a graph', () => {
  test.for([
    [
      'with an operator of a library',
      graphWith({
        change: (w) => w.node('Secret', ['input_ids'], { domain: 'com.example' }),
        libraries: ['com.example'],
      }),
      'has an operator com.example.Secret of a library of its own',
    ],
    [
      'with one inside of a function',
      graphWith({
        change: (w) => w.function('own', 'f', [nodeMessage('Secret', ['in'], ['out'], { domain: 'com.example' })]),
      }),
      'has an operator com.example.Secret',
    ],
    [
      'with weights in a folder above',
      graphWith({ location: '../model.onnx_data' }),
      'got a path: "../model.onnx_data"',
    ],
    ['with weights anywhere', graphWith({ location: '/etc/passwd' }), 'got a path: "/etc/passwd"'],
    ['with weights in a folder below', graphWith({ location: 'a/b' }), 'got a path: "a/b"'],
    ['with weights in the folder itself', graphWith({ location: '..' }), 'got a path: ".."'],
    [
      'with weights that are not there',
      { weights: graphWith({ location: 'gone.data' }).weights },
      'it keeps weights in gone.data, and neither that nor',
    ],
    [
      'with a further input',
      graphWith({ change: (w) => w.input('pixel_values', 'float', ['b', 's']) }),
      'expected inputs among input_ids, attention_mask, token_type_ids, got input_ids, attention_mask, token_type_ids, pixel_values',
    ],
    [
      'with inputs in int32',
      small((w) => [
        plain(w, ['input_ids', 'int32', ['b', 's']]),
        w.output('last_hidden_state', 'float', ['b', 's', 64]),
      ]),
      'expected input_ids in int64, got int32',
    ],
    [
      'for one length',
      small((w) => [plain(w, ['input_ids', 'int64', [1, 128]]), w.output('last_hidden_state', 'float', [1, 128, 64])]),
      'expected input_ids for any number of texts and tokens, got sizes 1 × 128',
    ],
    [
      'with other outputs',
      small((w) => [plain(w), w.output('pooler_output', 'float', ['b', 64])]),
      'expected an output among last_hidden_state, token_embeddings, sentence_embedding, got pooler_output',
    ],
    [
      'with outputs of half floats',
      small((w) => [plain(w), w.output('last_hidden_state', 'float16', ['b', 's', 64])]),
      'expected last_hidden_state in float, got float16',
    ],
    [
      'with token vectors of other sizes',
      small((w) => [plain(w), w.output('last_hidden_state', 'float', ['b', 64])]),
      'expected last_hidden_state of 3 sizes, got sizes b × 64',
    ],
    [
      'of another width than its settings say',
      { ...graphWith({}), config: json({ ...config, hidden_size: 32 }) },
      'expected hidden_size 64, as last_hidden_state of the graph has it, got 32',
    ],
    [
      'without an end of its inputs',
      {
        ...graphWith({}),
        config: json({ vocab_size: 99, hidden_size: 64 }),
        sentence_config: json({}),
        tokenizer_config: json({}),
      },
      'expected the longest input as max_position_embeddings',
    ],
    [
      'with fewer rows than the tokenizer has words',
      { ...graphWith({}), config: json({ ...config, vocab_size: 7 }) },
      'expected ids of tokens below 7',
    ],
    [
      'with cut dimensions beyond its own',
      { ...graphWith({}), config: json({ ...config, matryoshka_dimensions: [128] }) },
      'matryoshka_dimensions: expected at most 64',
    ],
    ['that is none', { weights: Buffer.from('<html>not here</html>') }, 'expected an ONNX model, got'],
    ['that is empty', { weights: Buffer.alloc(0) }, 'expected an ONNX model, got a file with 0 graphs'],
    [
      'that is cut',
      { weights: graphWith({}).weights.subarray(0, -10) },
      'expected an ONNX model, got a field longer than its message',
    ],
  ] as const)('%s', ([, changes, message]) => {
    const refusal = refusalOf(changes as Sources);
    expect(['ModelUnsupported', 'ModelCorrupt']).toContain(refusal.name);
    expect(refusal.message).toContain(message);
  });

  test('with weights in two files', () => {
    const change = (writer: OnnxWriter) => {
      writer.floats('more', new Float32Array(64), [64]);
      writer.location = 'other.data';
    };
    const { message } = refusalOf(graphWith({ location: 'model.onnx_data', change }));
    expect(message).toContain('expected its weights in one file beside it, got model.onnx_data, other.data');
  });

  test('whose data has less than it says', () => {
    const { weights, weights_data: data } = graphWith({ location: 'model.onnx_data' });
    expect(refusalOf({ weights, weights_data: data!.subarray(0, -1) }).message).toMatch(
      /expected weights \S+ in bytes \d+ to \d+, got a file of \d+/,
    );
  });

  test('with weights outside of it inside of a node', () => {
    const place = new ProtobufMessage().bytes(1, 'location').bytes(2, '/etc/passwd');
    const hidden = new ProtobufMessage().int(1, 1).int(2, 1).bytes(8, 'w').bytes(13, place).int(14, 1);
    const inner = new ProtobufMessage().bytes(5, hidden).bytes(2, 'inner');
    const change = (writer: OnnxWriter) =>
      writer.node('If', ['input_ids'], { attributes: { then_branch: { graph: inner } } });
    expect(refusalOf(graphWith({ change })).message).toContain('has weights outside of the file inside of a node (If)');
  });

  test('with more than one label', () => {
    const three = tinyCrossEncoder(5, 3);
    const { graph } = tinyOnnxBert(three.model, { output: 'logits' });
    expect(refusalOf({ ...three.sources, weights: graph }, 'reranking').message).toContain(
      'expected a classifier of one label, got one of 3',
    );
    const labels = { ...JSON.parse(String(three.sources.config)), id2label: { 0: 'a', 1: 'b' } };
    expect(refusalOf({ ...three.sources, weights: graph, config: json(labels) }, 'reranking').message).toContain(
      'got one of 2',
    );
  });

  test('that is to be a text model', () => {
    expect(refusalOf(graphWith({}), 'text').message).toContain('expected a text model as one GGUF file');
  });
});

test('a converted graph that names another file than its own is refused, whoever described it', async () => {
  const tiny = await makeTinyModels();
  try {
    const { graph } = tinyOnnxBert(model, {});
    const { path } = await tiny.of('ready', 'embedding', 'own', { ...sources, weights: graph });
    const at = join(path, 'graph.onnx');
    const other = Buffer.from(readFileSync(at).toString('latin1').replaceAll('graph.data', '../pass.wd'), 'latin1');
    writeFileSync(at, other);
    const description = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
    description.files['graph.onnx'].sha256 = sha256(other);
    writeFileSync(join(path, 'model.json'), JSON.stringify(description));
    await expect(openModelFolder(path)).rejects.toMatchObject({
      name: 'ModelCorrupt',
      message: expect.stringContaining('expected weights in graph.data, got "../pass.wd"'),
    });
  } finally {
    await tiny.remove();
  }
});
