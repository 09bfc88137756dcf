// Source files that are damaged or of another kind: one sentence each, and nothing left on the disk.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeF32 } from './ggml-encoders.ts';
import { type GgufToWrite, ggufBytes } from './gguf-writer.ts';
import { withHeader } from './safetensors-writer.ts';
import { tinyBert } from './tiny-bert.ts';
import { type TinyDecoderOptions, tinyDecoder } from './tiny-decoder.ts';
import { tinyLlama, tinyVocabulary } from './tiny-llama.ts';
import { convertTiny, embeddingSource, type TinySource, textSource } from './tiny-source.ts';

async function refusal(tiny: TinySource): Promise<string> {
  const before = readdirSync(tiny.folder);
  const error = await convertTiny(tiny, 'nb8').then(
    () => new Error('was converted'),
    (thrown: Error) => thrown,
  );
  expect(readdirSync(tiny.folder).filter((name) => name !== 'tmp')).toEqual(before);
  return `${error.name}: ${error.message.replace(`${tiny.folder}/`, '')}`;
}

const gguf = tinyLlama(1).bytes;
const TOKENS = tinyVocabulary().tokens;
const kindsOf = (count: number) => Array.from({ length: count }, () => 1);
const withMetadata = (metadata: TinyDecoderOptions['metadata']) =>
  textSource(tinyLlama(1, { metadata: metadata! }).bytes);
const header = (file: Partial<GgufToWrite>) => textSource(ggufBytes({ metadata: {}, tensors: {}, ...file }));
const row = { ...encodeF32(new Float32Array(32)), shape: [32] };

describe('a GGUF file', () => {
  test.for([0, 3, 20, 200, 2000, gguf.length >> 1, gguf.length - 40])(
    'cut after %i bytes is told as damaged',
    async (end) => {
      expect(await refusal(textSource(gguf.subarray(0, end)))).toMatch(/^ModelCorrupt: model\.gguf: expected .+, got /);
    },
  );

  test.for([
    ['another file', textSource.bind(null, Buffer.from('PK\u0003\u0004 a zip file, not a model')), /begins with "PK/],
    ['billions of tensors', () => textSource(withCount(8, 2 ** 40)), /expected 1099511627776 tensors, got a file with/],
    ['billions of entries', () => textSource(withCount(16, 2 ** 40)), /1099511627776 metadata entries, got a file/],
    [
      'a tensor outside',
      () => header({ tensors: { a: { ...row, offset: 4096 } } }),
      /tensor a in bytes \d+ to \d+, got/,
    ],
    ['a tensor out of step', () => header({ tensors: { a: { ...row, offset: 3 } } }), /at a multiple of 32, got 3/],
    [
      'tensors over each other',
      () => header({ tensors: { a: row, b: { ...row, offset: 64 } } }),
      /tensor b at .* overlaps/,
    ],
    [
      'half a block',
      () => header({ tensors: { a: { ...row, type: 8, shape: [33] } } }),
      /whole Q8_0 blocks, got sizes 33/,
    ],
    ['a missing tensor', () => withMetadata({ 'llama.block_count': 3 }), /expected a tensor blk\.2\.attn_norm\.weight/],
    [
      'other sizes',
      () => withMetadata({ 'llama.attention.head_count': 8 }),
      /tensor blk\.0\.attn_q\.weight of 128 × 64, got 64/,
    ],
    ['no heads', () => withMetadata({ 'llama.attention.head_count': 0 }), /head_count to be a whole number from 1 to/],
    ['no sizes', () => withMetadata({ 'llama.embedding_length': undefined }), /embedding_length to be .+, got none/],
    ['broken merges', () => withMetadata({ 'tokenizer.ggml.merges': ['x yz'] }), /a merge of two tokens, got "x yz"/],
    [
      'an end beyond the tokens',
      () => withMetadata({ 'tokenizer.ggml.eos_token_id': 999 }),
      /eos_token_id .+ below 55/,
    ],
    [
      'more tokens than rows of the embedding table',
      () => withMetadata({ 'tokenizer.ggml.tokens': [...TOKENS, 'x'], 'tokenizer.ggml.token_type': kindsOf(56) }),
      /expected 55 tokens in tokenizer\.ggml\.tokens, as many as token_embd\.weight has rows, got 56/,
    ],
    [
      'fewer tokens than rows of the embedding table',
      () => withMetadata({ 'tokenizer.ggml.tokens': TOKENS.slice(0, 50), 'tokenizer.ggml.token_type': kindsOf(50) }),
      /expected 55 tokens .+, got 50/,
    ],
    [
      'more kinds of token than tokens',
      () => withMetadata({ 'tokenizer.ggml.token_type': kindsOf(56) }),
      /expected 55 numbers in tokenizer\.ggml\.token_type, got 56/,
    ],
    [
      'no token to begin with',
      () => withMetadata({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.bos_token_id': undefined }),
      /expected tokenizer\.ggml\.bos_token_id, since texts of pre-tokenizer llama-bpe begin with it/,
    ],
    [
      'half of a qwen2',
      () => textSource(tinyDecoder('qwen2', 1, { missingTensor: 'blk.1.attn_k.bias' }).bytes),
      /expected a tensor blk\.1\.attn_k\.bias, got none/,
    ],
    [
      'half of a qwen3',
      () => textSource(tinyDecoder('qwen3', 1, { missingTensor: 'blk.0.attn_q_norm.weight' }).bytes),
      /expected a tensor blk\.0\.attn_q_norm\.weight, got none/,
    ],
    ['numbers that are none', () => textSource(withNaN()), /expected finite numbers in tensor output\.weight/],
  ] as const)('with %s is told as damaged', async ([, make, message]) => {
    const said = await refusal(make());
    expect(said).toMatch(/^ModelCorrupt: model\.gguf: /);
    expect(said).toMatch(message);
  });

  test.for([
    [
      'family',
      () => withMetadata({ 'general.architecture': 'gemma3' }),
      'model family "gemma3" is not known; known are llama, qwen2, qwen3 (and bert as safetensors)',
    ],
    [
      'tokenizer',
      () => withMetadata({ 'tokenizer.ggml.model': 'llama' }),
      'tokenizer "llama" is not known; known is gpt2',
    ],
    [
      'pre-tokenizer',
      () => withMetadata({ 'tokenizer.ggml.pre': 'olmo' }),
      'pre-tokenizer "olmo" is not known; known are smollm, gpt-2, qwen2, llama-bpe, default',
    ],
    [
      'number format',
      () => header({ tensors: { a: { ...row, type: 10 } } }),
      'tensor a is stored as Q2_K; known are F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K, Q5_K, Q6_K',
    ],
    ['version', () => header({ version: 1 }), 'expected GGUF version 2 or 3 (little-endian), got version 1'],
    [
      'rotation',
      () => withMetadata({ 'llama.rope.scaling.type': 'yarn' }),
      'positions by "yarn" rotary scaling; known is: none',
    ],
    [
      'scale of positions',
      () => withMetadata({ 'llama.rope.scale_linear': { float: 4 } }),
      'stretches positions 4 times (llama.rope.scale_linear); known is: once',
    ],
    [
      'factor of positions',
      () => withMetadata({ 'llama.rope.scaling.factor': { float: 8 } }),
      'stretches positions 8 times (llama.rope.scaling.factor); known is: once',
    ],
    [
      'list of factors of positions',
      () => textSource(tinyLlama(1, { extraTensor: 'rope_freqs.weight' }).bytes),
      'stretches positions by factors of its own (rope_freqs.weight); known is: no rotary scaling',
    ],
    [
      'window',
      () => withMetadata({ 'llama.attention.sliding_window': 16 }),
      'attends to the last 16 tokens of 64 only; known is: to all',
    ],
    [
      'number of parts',
      () => withMetadata({ 'split.count': 3 }),
      'is one of 3 parts of a model; known is: one whole file',
    ],
    [
      'direction',
      () => withMetadata({ 'llama.attention.causal': false }),
      'attends to tokens that follow (attention.causal is false)',
    ],
    [
      'part of a qwen3',
      () => textSource(tinyDecoder('qwen3', 1, { extraTensor: 'blk.0.attn_q.bias' }).bytes),
      'has a tensor blk.0.attn_q.bias, which a graph of this family has no place for',
    ],
    [
      'part',
      () => textSource(withBias()),
      'has a tensor blk.0.attn_q.bias, which a graph of this family has no place for',
    ],
  ] as const)('of an unknown %s is refused by name', async ([, make, message]) => {
    const said = await refusal(make());
    expect(said).toMatch(/^ModelUnsupported: model\.gguf: /);
    expect(said).toContain(message);
  });
});

test.for([
  ['a window as long as the longest text', { 'llama.attention.sliding_window': 64 }],
  ['no window', { 'llama.attention.sliding_window': 0 }],
  ['a factor that is not used', { 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': { float: 4 } }],
] as const)('a GGUF file with %s is taken', async ([, metadata]) => {
  expect((await convertTiny(withMetadata(metadata), 'nb8')).description.shape).toMatchObject({ maxTokens: 64 });
});

describe('a safetensors file', () => {
  const bert = tinyBert(1);
  const place = (data_offsets: number[], shape = [4]) => ({ dtype: 'F32', shape, data_offsets });
  const weights = (bytes: Uint8Array) => embeddingSource({ ...bert, bytes: Buffer.from(bytes) });
  const made = (tensors: object) => weights(withHeader(JSON.stringify(tensors), Buffer.alloc(32)));
  test.for([
    ['cut in its header', () => weights(bert.bytes.subarray(0, 300)), /expected the header in bytes 8 to/],
    ['cut in its data', () => weights(bert.bytes.subarray(0, -100)), /to end at byte \d+ of the data, got \d+ bytes/],
    ['empty', () => weights(Buffer.alloc(0)), /expected the length of the header in bytes 0 to 8, got a file of 0/],
    [
      'with an absurd header',
      () => weights(Buffer.alloc(64, 0xff)),
      /expected a header of at most 100000000 bytes, got/,
    ],
    [
      'with another header',
      () => weights(withHeader('[1,2]', Buffer.alloc(8))),
      /expected a safetensors header .+, got something/,
    ],
    ['with a tensor of other bytes', () => made({ a: place([0, 12]) }), /expected 16 bytes of tensor a, got 12/],
    [
      'with tensors over each other',
      () => made({ a: place([0, 16]), b: place([8, 24]) }),
      /tensor b at byte 16 .* overlaps/,
    ],
    [
      'of other tensors',
      () => made({ a: place([0, 16]) }),
      /has a tensor a, which a graph of this family has no place for/,
    ],
  ] as const)('%s is refused', async ([, make, message]) => {
    const said = await refusal(make());
    expect(said).toMatch(/^Model(Corrupt|Unsupported): model\.safetensors: /);
    expect(said).toMatch(message);
  });

  test.for([
    [{ model_type: 'roberta' }, 'ModelUnsupported: config.json: model family "roberta" is not known; known are bert'],
    [{ hidden_act: 'relu' }, 'ModelUnsupported: config.json: activation "relu" is not known; known is gelu'],
    [{ hidden_size: -1 }, 'ModelCorrupt: config.json: hidden_size: '],
    [
      { num_hidden_layers: 3 },
      'ModelCorrupt: model.safetensors: expected a tensor encoder.layer.2.attention.self.query',
    ],
  ] as const)('with settings %o is refused', async ([settings, message]) => {
    const tiny = embeddingSource({ ...bert, config: { ...bert.config, ...settings } });
    expect(await refusal(tiny)).toContain(message);
  });

  test('with a tokenizer that is none is refused', async () => {
    const tiny = embeddingSource(bert);
    writeFileSync(join(tiny.folder, 'tokenizer.json'), '<html>Not found</html>');
    expect(await refusal(tiny)).toContain(
      'ModelCorrupt: tokenizer.json: expected a tokenizer of the Hugging Face format',
    );
  });
});

/** The right file with another 64-bit count at this place of its header. */
function withCount(at: number, count: number): Buffer {
  const bytes = Buffer.from(gguf);
  bytes.writeBigUInt64LE(BigInt(count), at);
  return bytes;
}

/** The last numbers of the file are those of the head. */
function withNaN(): Buffer {
  const bytes = Buffer.from(gguf);
  bytes.writeFloatLE(Number.NaN, bytes.length - 400);
  return bytes;
}

function withBias(): Buffer {
  return tinyLlama(1, { extraTensor: 'blk.0.attn_q.bias' }).bytes;
}
