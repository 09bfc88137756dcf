// A decoder of some ten thousand random weights: its GGUF file, and what it should answer.

import { LETTERS } from './byte-vocabulary.ts';
import { type Encoder, encodeF32 } from './ggml-encoders.ts';
import { type GgufValue, ggufBytes } from './gguf-writer.ts';
import { type Matrix, matrix } from './plain-maths.ts';
import { decoderLogits, type Family } from './reference-decoder.ts';
import { seeded } from './seeded.ts';

export interface TinyDecoderOptions {
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly hidden?: number;
  readonly feedForward?: number;
  readonly tied?: boolean;
  readonly encode?: Encoder;
  /** Control tokens have a logit of 0, so that no answer ends by itself: the best of the others has more. */
  readonly endless?: boolean;
  /** The vocabulary has a token for each byte, and some that reach over the borders of JSON's parts. */
  readonly everyByte?: boolean;
  /** It has one for each byte, and "yes" and "no" are tokens. */
  readonly answers?: boolean;
  /** The rows of these two tokens' embeddings as llama.cpp's head of a reranker. */
  readonly rankHead?: readonly [string, string];
  /** Name of one more tensor, as long as the model is wide. */
  readonly extraTensor?: string;
  /** Name of a tensor that the file lacks. */
  readonly missingTensor?: string;
  readonly metadata?: Readonly<Record<string, GgufValue | undefined>>;
}

export interface TinyDecoder {
  readonly bytes: Buffer;
  /** Where the numbers begin. */
  readonly headerBytes: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Logits after each of the tokens. */
  logits(ids: readonly number[]): number[][];
}

const LAYERS = 2;
/** The first of the vocabulary. */
const CONTROL_TOKENS = 3;
const ROPE_BASE = 1000;
const EPSILON = 1e-5;

const JSON_MERGES = [
  '{ "',
  '" :',
  '" }',
  '" ,',
  '", "',
  '": "',
  '1 2',
  '0 0',
  't r',
  'tr u',
  'tru e',
  'n u',
  'l l',
  'nu ll',
  'Ã ©',
];

const ANSWER_MERGES = ['y e', 'ye s', 'n o'];

/** A byte-level vocabulary: letters of some bytes or of every one, some merges, three control tokens. */
export function tinyVocabulary(everyByte = false, answers = false) {
  const some = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?', 'Ġ', 'Ċ'];
  const words = ['t h', 'th e', 'Ġ a', 'a n', 'an d', 'i n', 'o n', 'Ġ the', 'e r', 'in g'];
  const letters = everyByte || answers ? LETTERS : some;
  const merges = [...words, ...(everyByte ? JSON_MERGES : []), ...(answers ? ANSWER_MERGES : [])];
  const tokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', ...letters, ...merges.map((m) => m.replace(' ', ''))];
  return { tokens, merges, kinds: tokens.map((token) => (token.startsWith('<|') ? 3 : 1)) };
}

export function tinyDecoder(family: Family, seed: number, options: TinyDecoderOptions = {}): TinyDecoder {
  const {
    heads = 4,
    kvHeads = 2,
    headSize = 16,
    hidden = 64,
    feedForward = 96,
    tied = false,
    encode = encodeF32,
  } = options;
  const random = seeded(seed);
  const { tokens, merges, kinds } = tinyVocabulary(options.everyByte, options.answers);
  const tensors: Record<string, { shape: number[]; type: number; bytes: Buffer }> = {};
  const weights = new Map<string, Matrix>();
  const named = (name: string) => name.replace(/\.weight$/, '');
  const add2 = (name: string, rows: number, width: number, gain = 1) => {
    const values = random.normals(rows * width, gain / Math.sqrt(width));
    if (name === 'output.weight' && options.endless) values.fill(0, 0, CONTROL_TOKENS * width);
    const encoded = encode(values);
    tensors[name] = { shape: [rows, width], type: encoded.type, bytes: encoded.bytes };
    weights.set(named(name), matrix(rows, width, encoded.values));
  };
  const add1 = (name: string, length = hidden, middle = 1, deviation = 0.1) => {
    const { type, bytes, values } = encodeF32(random.normals(length, deviation).map((value) => value + middle));
    tensors[name] = { shape: [length], type, bytes };
    weights.set(named(name), matrix(1, length, values));
  };
  add2('token_embd.weight', tokens.length, hidden, 4);
  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `blk.${layer}`;
    add1(`${block}.attn_norm.weight`);
    add2(`${block}.attn_q.weight`, heads * headSize, hidden, 2);
    add2(`${block}.attn_k.weight`, kvHeads * headSize, hidden, 2);
    add2(`${block}.attn_v.weight`, kvHeads * headSize, hidden);
    if (family === 'qwen2') {
      add1(`${block}.attn_q.bias`, heads * headSize, 0, 1);
      add1(`${block}.attn_k.bias`, kvHeads * headSize, 3, 1);
      add1(`${block}.attn_v.bias`, kvHeads * headSize, 0, 1);
    }
    if (family === 'qwen3') {
      add1(`${block}.attn_q_norm.weight`, headSize, 1, 0.5);
      add1(`${block}.attn_k_norm.weight`, headSize, 1, 0.5);
    }
    add2(`${block}.attn_output.weight`, hidden, heads * headSize);
    add1(`${block}.ffn_norm.weight`);
    add2(`${block}.ffn_gate.weight`, feedForward, hidden);
    add2(`${block}.ffn_up.weight`, feedForward, hidden);
    add2(`${block}.ffn_down.weight`, hidden, feedForward);
  }
  add1('output_norm.weight');
  if (!tied) add2('output.weight', tokens.length, hidden);

  if (options.rankHead !== undefined) {
    const rows = options.rankHead.flatMap((token) => [...weights.get('token_embd')![tokens.indexOf(token)]!]);
    const { type, bytes } = encodeF32(Float32Array.from(rows));
    tensors['cls.output.weight'] = { shape: [2, hidden], type, bytes };
  }
  if (options.extraTensor !== undefined) add1(options.extraTensor);
  if (options.missingTensor !== undefined) delete tensors[options.missingTensor];

  const metadata: Record<string, GgufValue | undefined> = {
    'general.architecture': family,
    [`${family}.block_count`]: LAYERS,
    [`${family}.context_length`]: 64,
    [`${family}.embedding_length`]: hidden,
    [`${family}.feed_forward_length`]: feedForward,
    [`${family}.attention.head_count`]: heads,
    [`${family}.attention.head_count_kv`]: kvHeads,
    [`${family}.attention.key_length`]: headSize,
    [`${family}.rope.freq_base`]: { float: ROPE_BASE },
    [`${family}.attention.layer_norm_rms_epsilon`]: { float: EPSILON },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': kinds,
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.chat_template': '{{ messages[0].content }}',
    ...options.metadata,
  };
  const given = Object.entries(metadata).filter((entry): entry is [string, GgufValue] => entry[1] !== undefined);
  const model = { family, layers: LAYERS, heads, kvHeads, headSize, ropeBase: ROPE_BASE, epsilon: EPSILON, weights };
  const bytes = ggufBytes({ metadata: Object.fromEntries(given), tensors });
  const dataBytes = Object.values(tensors).reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 32) * 32, 0);
  return {
    bytes,
    headerBytes: bytes.length - dataBytes,
    layers: LAYERS,
    heads,
    kvHeads,
    headSize,
    vocabulary: tokens.length,
    logits: (ids) => decoderLogits(model, ids),
  };
}
