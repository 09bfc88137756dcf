// Settings of BERT-family models that ask for what there is none of here: each is refused by its name.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import type { ModelKind } from '../../../workers/inference/engine.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { failure } from '../engine/conformance/given.ts';
import { type TinyEncoderOptions, tinyCrossEncoder, tinyEncoder } from '../engine/tiny-encoders.ts';
import { makeTinyModels, type Sources } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const json = (value: object) => Buffer.from(JSON.stringify(value));
const refusal = async (kind: ModelKind, sources: Sources) => {
  const { name, message } = await failure(tiny.of('refused', kind, 'fp32', sources));
  return `${name}: ${message.replace(/^\S+\//, '')}`;
};
const modules = (...types: string[]) => types.map((type) => ({ type: `sentence_transformers.models.${type}` }));

test.for<[TinyEncoderOptions, string]>([
  [
    { pooling: { pooling_mode_max_tokens: true } },
    'ModelUnsupported: 1-pooling_config: pooling by max is not known; known are mean, cls, lasttoken',
  ],
  [
    { pooling: { pooling_mode_mean_tokens: true, pooling_mode_cls_token: true } },
    'ModelUnsupported: 1-pooling_config: pooling by mean and cls is not known',
  ],
  [{ pooling: { pooling_mode: 'weightedmean' } }, 'pooling by weightedmean is not known'],
  [{ pooling: {} }, 'pooling by nothing is not known'],
  [
    { pooling: { word_embedding_dimension: 32, pooling_mode_mean_tokens: true } },
    'ModelCorrupt: 1-pooling_config: expected token vectors of 64 numbers, got 32',
  ],
  [
    {
      pooling: { pooling_mode_mean_tokens: true, include_prompt: false },
      prompts: { prompts: { query: 'q ' } },
    },
    'pooling that leaves the prompt out (include_prompt false) is not known',
  ],
  [
    { modules: modules('Transformer', 'Pooling', 'Dense', 'Normalize') },
    'a row of the modules Transformer, Pooling, Dense, Normalize is not known; known is Transformer, Pooling or',
  ],
  [{ modules: modules('Transformer', 'Normalize', 'Pooling') }, 'a row of the modules Transformer, Normalize, Pooling'],
  [
    { prompts: { prompts: { query: 'q ' }, default_prompt_name: 'passage' } },
    'ModelCorrupt: 1-prompts: expected a prompt "passage", the default, among query',
  ],
  [{ prompts: { prompts: { query: 7 } } }, 'ModelCorrupt: 1-prompts: prompts.query: '],
  [
    { config: { matryoshka_dimensions: [32, 128] } },
    "ModelCorrupt: 1-config: matryoshka_dimensions: expected at most 64, the model's own, got 128",
  ],
])('an embedding model with %j', async ([options, message]) => {
  const said = await refusal('embedding', tinyEncoder(1, options).sources);
  expect(said.replace(/\d+-/, '1-')).toContain(message);
});

test('a reranking model without a classifier, or with one of several labels, or without types of tokens', async () => {
  expect(await refusal('reranking', tinyEncoder(1).sources)).toContain(
    'expected a tensor classifier.weight: a reranking',
  );
  const labels = await refusal('reranking', tinyCrossEncoder(1, 3).sources);
  expect(labels).toMatch(/^ModelUnsupported: .*expected a classifier of one label, got one of 3$/);
  const { sources, model } = tinyCrossEncoder(1);
  const oneType = { ...sources, config: json({ ...model.config, type_vocab_size: 1 }) };
  expect(await refusal('reranking', oneType)).toContain(
    'expected two types of tokens, of queries and documents, got 1',
  );
  expect(await refusal('embedding', sources)).toContain('has a tensor classifier.weight, which a graph of this family');
});

test('a tokenizer that does not tell two texts apart', async () => {
  const { sources } = tinyCrossEncoder(1);
  const { post_processor, ...rest } = JSON.parse(sources.tokenizer!.toString());
  const single = json({ ...rest, post_processor: { ...post_processor, pair: post_processor.single } });
  expect(await refusal('reranking', { ...sources, tokenizer: single })).toMatch(
    /^ModelUnsupported: .*tokenizer: expected a tokenizer that puts pairs together .*, but it does not$/,
  );
});

test('no room for a pair or behind a prompt is told at load', async () => {
  const engine = createLocalEngine();
  const { sources } = tinyCrossEncoder(1);
  const short = json({ tokenizer_class: 'BertTokenizer', model_max_length: 4 });
  const four = await tiny.of('four', 'reranking', 'fp32', { ...sources, tokenizer_config: short });
  expect((await failure(engine.load(four))).message).toMatch(/a document beside 3 of its own, it takes 4 in all$/);

  const prompts = { prompts: { long: 'abcdefghijklmnopqrstuvwxyz ' }, default_prompt_name: 'long' };
  const prompted = await tiny.of('prompted', 'embedding', 'fp32', tinyEncoder(1, { prompts }).sources);
  expect((await failure(engine.load(prompted))).message).toMatch(/leave room .* one has 26 tokens of 22 that fit$/);
  await engine.close();
});

test('a cross-encoder without its last layers, or with others, is damaged', async () => {
  const folder = await tiny.reranking('fp32');
  expect(folder.description.shape).toMatchObject({ architecture: 'bert-cross-encoder', maxTokens: 40 });
  const head = join(folder.path, 'head.data');
  const bytes = readFileSync(head);
  bytes[5]! ^= 1;
  writeFileSync(head, bytes);
  expect((await failure(openModelFolder(folder.path))).message).toMatch(/expected head\.data with sha256/);
  rmSync(head);
  expect((await failure(openModelFolder(folder.path))).message).toMatch(/expected a file head\.data, got none$/);
  const file = join(folder.path, 'model.json');
  const { files, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...rest, files: { ...files, 'head.data': undefined } }));
  expect((await failure(openModelFolder(folder.path))).message).toMatch(
    /model\.json: files: expected .*head\.data.*, got/,
  );
});
