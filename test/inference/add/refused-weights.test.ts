// Weights that cannot be added, and chat templates inside of them: a dry run says of them what the whole run says.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeF32 } from '../convert/ggml-encoders.ts';
import { ggufBytes } from '../convert/gguf-writer.ts';
import { tinyLlama, tinyVocabulary } from '../convert/tiny-llama.ts';
import { type TinyOnnxOptions, tinyOnnxBert } from '../convert/tiny-onnx-bert.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import { tinyRanking } from '../engine/tiny-models.ts';
import { startHub, type TestFile } from '../store/support.ts';
import { lateRefusalOf, refusalOf } from './refusal.ts';
import { changed, filesOf, folderWith, hubOf, REPO, tinyGguf } from './support.ts';

const { sources, model } = tinyEncoder(3);
const encoder = filesOf(sources);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = JSON.parse(String(sources.config));

describe('weights are refused by their header, wherever they are:', () => {
  const llama = (metadata: object) => [{ path: 'a.gguf', body: tinyLlama(1, { metadata } as never).bytes }];
  const words = [...tinyVocabulary().tokens, 'x'];
  const ofType = (type: number) => {
    const a = { ...encodeF32(new Float32Array(256)), shape: [256], type };
    return [{ path: 'a.gguf', body: ggufBytes({ metadata: {}, tensors: { a } }) }];
  };
  const withEntries = (count: number) => {
    const body = Buffer.from(tinyGguf());
    body.writeBigUInt64LE(BigInt(count), 16);
    return body;
  };
  const cut = (files: readonly TestFile[], path: string) =>
    files.map((file) => (file.path === path ? { path, body: file.body.subarray(0, -1) } : file));

  test.for([
    [
      'a family of text models',
      llama({ 'general.architecture': 'gemma3' }),
      'ModelUnsupported',
      'model family "gemma3" is not known',
    ],
    [
      'a tokenizer of text models',
      llama({ 'tokenizer.ggml.model': 'llama' }),
      'ModelUnsupported',
      'tokenizer "llama" is not known',
    ],
    ['a GGUF file that is cut', cut([{ path: 'a.gguf', body: tinyGguf() }], 'a.gguf'), 'ModelCorrupt', 'got a file of'],
    [
      'what is no GGUF',
      [{ path: 'a.gguf', body: Buffer.from('<html>') }],
      'ModelCorrupt',
      'expected a GGUF file, got one that begins with "<htm"',
    ],
    [
      'a GGUF file without a tensor',
      llama({ 'llama.block_count': 3 }),
      'ModelCorrupt',
      'expected a tensor blk.2.attn_norm.weight, got none',
    ],
    [
      'a GGUF file with a tensor of another shape',
      llama({ 'llama.attention.head_count': 8 }),
      'ModelCorrupt',
      'expected tensor blk.0.attn_q.weight of 128 × 64, got 64',
    ],
    ['a GGUF file with a tensor of another type', ofType(10), 'ModelUnsupported', 'tensor a is stored as Q2_K'],
    [
      'a GGUF file with more words than its table has rows',
      llama({ 'tokenizer.ggml.tokens': words, 'tokenizer.ggml.token_type': words.map(() => 1) }),
      'ModelCorrupt',
      `expected ${words.length - 1} tokens in tokenizer.ggml.tokens`,
    ],
    [
      'a GGUF file that tells of too much metadata',
      [{ path: 'a.gguf', body: withEntries(2 ** 40) }],
      'ModelCorrupt',
      '1099511627776 metadata entries',
    ],
    ['an empty file', [{ path: 'a.gguf', body: Buffer.alloc(0) }], 'ModelCorrupt', 'expected the word GGUF'],
    ['cut safetensors', cut(encoder, 'model.safetensors'), 'ModelCorrupt', 'expected tensor'],
    [
      'safetensors of other sizes than the settings say',
      changed(encoder, { 'config.json': json({ ...config, hidden_size: 32 }) }),
      'ModelCorrupt',
      'expected tensor embeddings.word_embeddings.weight of',
    ],
  ] as const)('%s', async ([, files, name, message]) => {
    const hub = await startHub(hubOf(files));
    for (const [address, label] of [
      [await folderWith(files), 'my-model'],
      [`hf:${REPO}`, `${REPO} at`],
    ] as const) {
      const refusal = await refusalOf(address, { hfEndpoint: hub.url });
      expect(refusal).toMatchObject({ name, message: expect.stringContaining(message) });
      expect(refusal.message).toContain(label);
      // A copy's place says nothing to the user.
      expect(refusal.message).not.toContain('/tmp_');
      expect(refusal.message).not.toMatch(/models\/tmp/);
      // No manifest knows it, and nothing was pulled.
      expect(refusal.hint).not.toMatch(/manifest|pull/);
      if (name === 'ModelCorrupt')
        expect(refusal.hint).toContain(label === 'my-model' ? `Copy or download ${address}` : `Where ${label}`);
    }
  });
});

/** Its header is right, and its last weights are no numbers, in 16 bits as in 32. */
function notANumber(): Buffer {
  const body = Buffer.from(tinyGguf());
  body.fill(Buffer.from([0xff, 0x7f]), body.length - 64);
  return body;
}

test('numbers that are none are found out when it is converted, and told by the file that was named', async () => {
  const files = [{ path: 'a.gguf', body: notANumber() }];
  const file = join(await folderWith(files), 'a.gguf');
  const hub = await startHub(hubOf(files));
  const refusal = await lateRefusalOf(file);
  expect(refusal).toMatchObject({ name: 'ModelCorrupt', message: expect.stringContaining(`Model a: ${file}: `) });
  expect(refusal.hint).toContain(`Copy or download ${file} again`);
  const offered = await lateRefusalOf(`hf:${REPO}`, { hfEndpoint: hub.url });
  expect(offered.message).toMatch(/^Model tiny_model: tests\/Tiny_Model at .*, commit c0ffeec0ffee: a\.gguf: /);
  expect(offered.hint).toMatch(/^It is cut or damaged, .* ask its publisher for a whole one\.$/);
});

describe('a chat template is refused that', () => {
  const looping = '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}{{ messages }}';

  test.for([
    ['cannot be read', '{% for %}', undefined, 'expected a chat template that can be read: '],
    [
      'refuses a message',
      "{{ raise_exception('no users') }}",
      undefined,
      "expected a chat template that takes a user's message: Error: no users",
    ],
    [
      'leaves the message out',
      'hello there',
      undefined,
      "expected a chat template that writes a user's message, got nothing",
    ],
    [
      'writes nothing',
      '{# nothing #}',
      undefined,
      "expected a chat template that writes a user's message, got nothing",
    ],
    ['does not end', looping, undefined, 'expected a chat template that ends within 2 s'],
    [
      'hides what is to be ranked',
      'hello',
      'reranking',
      'expected the chat template of this model to show what a user says',
    ],
    ['cannot be read, of a model that ranks', '{% for %}', 'reranking', 'expected a chat template that can be read: '],
  ] as const)('%s', async ([, template, kind, message]) => {
    const metadata = { 'tokenizer.chat_template': template };
    const { bytes } = kind ? tinyRanking({ metadata }) : tinyLlama(1, { metadata });
    const file = join(await folderWith([{ path: 'a.gguf', body: bytes }]), 'a.gguf');
    const refusal = await refusalOf(file, { kind });
    expect(refusal.name).toBe('ModelUnsupported');
    expect(refusal.message).toContain(`${file}: ${message}`);
  });
});

test.for([
  ['data outside of its folder', { location: '../graph.data' }, '../graph.data'],
  [
    'an operator that is not known',
    { change: (writer) => writer.node('Secret', ['input_ids'], { domain: 'x' }), libraries: ['x'] },
    'operator x.Secret',
  ],
] as [string, TinyOnnxOptions, string][])('a ready-made graph with %s is refused', async ([, options, message]) => {
  const { graph } = tinyOnnxBert(model, options);
  const folder = await folderWith(filesOf({ ...sources, weights: graph }, 'model.onnx'));
  expect(await refusalOf(folder)).toMatchObject({
    name: 'ModelUnsupported',
    message: expect.stringContaining(message),
  });
});
