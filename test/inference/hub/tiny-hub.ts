// Tiny models in the layout that transformers.js reads, written by the tests: a decoder whose next token hangs on the position
// alone, so that what it should say is known, and the tiny encoders.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HubModel } from '../../../workers/inference/hub/hub-models.ts';
import { OnnxWriter } from '../convert/onnx-writer.ts';
import { type TinyOnnxOptions, tinyOnnxBert } from '../convert/tiny-onnx-bert.ts';
import type { TinyEncoder } from '../engine/tiny-encoders.ts';
import { type TestFile, tempFolder } from '../store/support.ts';

const json = (value: object) => Buffer.from(JSON.stringify(value));

/** What comes at each position, again and again: letters, with a space and a new line. */
export const SAID = 'abcdefg hijklmn opqrstuvwxyz.\n';
const SPECIALS = ['<end>', '<user>'];
/** In the way of byte-level tokenizers: a space is Ġ, a new line Ċ. */
const TOKENS = [...SPECIALS, ...'abcdefghijklmnopqrstuvwxyz.,!?ĠĊ'];
export const DECODER_TOKENS = 512;

export interface TinyDecoderOptions {
  /** The position at which the model ends its turn; left out it never does. */
  readonly endAt?: number;
  /** How much likelier than others the token of a position is, in logits. Default 20. */
  readonly sureness?: number;
  /** All numbers are none from this position on. */
  readonly brokenAt?: number;
}

/**
 * input_ids, attention_mask, position_ids and past_key_values.0.* in, logits and present.0.* out, as optimum exports it. The next
 * token is read from a table by the number of keys that there are, so that one too many or too few changes all that follows.
 */
export function tinyDecoder(options: TinyDecoderOptions = {}): TestFile[] {
  const writer = new OnnxWriter();
  writer.input('input_ids', 'int64', ['batch', 'sequence']);
  writer.input('attention_mask', 'int64', ['batch', 'total']);
  writer.input('position_ids', 'int64', ['batch', 'sequence']);
  for (const part of ['key', 'value']) writer.input(`past_key_values.0.${part}`, 'float', ['batch', 1, 'past', 4]);
  const words = writer.floats('words', new Float32Array(TOKENS.length * 4).fill(0.5), [TOKENS.length, 4]);
  const rows = writer.node('Reshape', [writer.node('Gather', [words, 'input_ids']), writer.integers(0, 1, -1, 4)]);
  for (const part of ['key', 'value']) {
    const outputs = [`present.0.${part}`];
    writer.node('Concat', [`past_key_values.0.${part}`, rows], { attributes: { axis: 2 }, outputs });
  }
  const keys = writer.node('Shape', ['present.0.key'], { attributes: { start: 2, end: 3 } });
  const past = writer.node('Shape', ['past_key_values.0.key'], { attributes: { start: 2, end: 3 } });
  const places = writer.node('Range', [
    writer.node('Squeeze', [past]),
    writer.node('Squeeze', [keys]),
    writer.node('Squeeze', [writer.integers(1)]),
  ]);
  const table = writer.floats('table', nextTokens(options), [DECODER_TOKENS, TOKENS.length]);
  // The same by the positions that were given: both are halves of a logit.
  const half = writer.number(0.5);
  const byKeys = writer.node('Unsqueeze', [writer.node('Gather', [table, places]), writer.integers(0)]);
  const byPositions = writer.node('Gather', [table, 'position_ids']);
  writer.node('Mul', [writer.node('Add', [byKeys, byPositions]), half], { outputs: ['logits'] });
  writer.output('logits', 'float', ['batch', 'sequence', TOKENS.length]);
  for (const part of ['key', 'value']) writer.output(`present.0.${part}`, 'float', ['batch', 1, 'total', 4]);
  return [
    { path: 'onnx/model.onnx', body: writer.finish().graph },
    { path: 'config.json', body: json(decoderConfig) },
    { path: 'generation_config.json', body: json({ eos_token_id: [TOKENS.indexOf('<end>')], temperature: 0.1 }) },
    { path: 'tokenizer.json', body: json(byteTokenizer()) },
    {
      path: 'tokenizer_config.json',
      body: json({
        ...{ tokenizer_class: 'GPT2Tokenizer', eos_token: '<end>', model_max_length: 1e30 },
        chat_template: '<user>{{ messages[0].content }}<end>',
      }),
    },
  ];
}

const decoderConfig = {
  ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: TOKENS.length, hidden_size: 4 },
  ...{ num_hidden_layers: 1, num_attention_heads: 1, num_key_value_heads: 1, head_dim: 4 },
  max_position_embeddings: DECODER_TOKENS,
};

/** A row of logits a position. */
function nextTokens({ endAt, sureness = 20, brokenAt = DECODER_TOKENS }: TinyDecoderOptions): Float32Array {
  const logits = new Float32Array(DECODER_TOKENS * TOKENS.length);
  for (let at = 0; at < DECODER_TOKENS; at++) {
    const said = SAID[at % SAID.length]!.replace(' ', 'Ġ').replace('\n', 'Ċ');
    const token = at === endAt ? 0 : TOKENS.indexOf(said);
    logits[at * TOKENS.length + token] = at >= brokenAt ? Number.NaN : sureness;
    // No chance draws the end of the turn.
    if (at !== endAt) logits[at * TOKENS.length] = -30;
  }
  return logits;
}

/** What comes after a prompt of so many tokens. */
export function said(promptTokens: number, tokens: number): string {
  return Array.from({ length: tokens }, (_, i) => SAID[(promptTokens - 1 + i) % SAID.length]).join('');
}

function byteTokenizer(): object {
  const added = SPECIALS.map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));
  return {
    ...{ version: '1.0', truncation: null, padding: null, normalizer: null, post_processor: null },
    added_tokens: added,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(TOKENS.map((token, id) => [token, id])), merges: [] },
  };
}

const PATHS = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizer_config: 'tokenizer_config.json',
  sentence_config: 'sentence_bert_config.json',
  pooling_config: '1_Pooling/config.json',
  modules: 'modules.json',
  prompts: 'config_sentence_transformers.json',
} as const;

export function tinyEncoderFiles({ sources, model }: TinyEncoder, graph: TinyOnnxOptions = {}): TestFile[] {
  const written = tinyOnnxBert(model, graph);
  return [
    { path: 'onnx/model.onnx', body: written.graph },
    ...(graph.location === undefined ? [] : [{ path: `onnx/${graph.location}`, body: written.data }]),
    ...Object.entries(PATHS).flatMap(([role, path]) => {
      const body = sources[role as keyof typeof PATHS];
      return body === undefined ? [] : [{ path, body }];
    }),
  ];
}

export async function folderOf(files: readonly TestFile[]): Promise<string> {
  const folder = await tempFolder();
  for (const { path, body } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
  }
  return folder;
}

export function inFolder(name: string, kind: HubModel['kind'], folder: string, more: Partial<HubModel> = {}): HubModel {
  return { name, kind, source: { folder }, dtype: 'fp32', ...more };
}
