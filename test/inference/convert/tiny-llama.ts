// A llama-family model of some ten thousand random weights: its GGUF file, and what it should answer.

import { type Encoder, encodeF32 } from './ggml-encoders.ts';
import { type GgufValue, ggufBytes } from './gguf-writer.ts';
import { type Matrix, matrix } from './plain-maths.ts';
import { llamaLogits } from './reference-llama.ts';
import { seeded } from './seeded.ts';

export interface TinyLlamaOptions {
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly hidden?: number;
  readonly feedForward?: number;
  readonly tied?: boolean;
  readonly encode?: Encoder;
  /** Control tokens have a logit of 0, so that no answer ends by itself: the best of the others has more. */
  readonly endless?: boolean;
  /** Name of one more tensor, as long as the model is wide. */
  readonly extraTensor?: string;
  readonly metadata?: Readonly<Record<string, GgufValue | undefined>>;
}

export interface TinyLlama {
  readonly bytes: Buffer;
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

/** A byte-level vocabulary: every byte's letter, some merges, two control tokens. */
export function tinyVocabulary() {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?', 'Ġ', 'Ċ'];
  const merges = ['t h', 'th e', 'Ġ a', 'a n', 'an d', 'i n', 'o n', 'Ġ the', 'e r', 'in g'];
  const tokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', ...letters, ...merges.map((m) => m.replace(' ', ''))];
  return { tokens, merges, kinds: tokens.map((token) => (token.startsWith('<|') ? 3 : 1)) };
}

export function tinyLlama(seed: number, options: TinyLlamaOptions = {}): TinyLlama {
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
  const { tokens, merges, kinds } = tinyVocabulary();
  const tensors: Record<string, { shape: number[]; type: number; bytes: Buffer }> = {};
  const weights = new Map<string, Matrix>();
  const add2 = (name: string, rows: number, width: number, gain = 1) => {
    const values = random.normals(rows * width, gain / Math.sqrt(width));
    if (name === 'output.weight' && options.endless) values.fill(0, 0, CONTROL_TOKENS * width);
    const encoded = encode(values);
    tensors[name] = { shape: [rows, width], type: encoded.type, bytes: encoded.bytes };
    weights.set(name, matrix(rows, width, encoded.values));
  };
  const add1 = (name: string) => {
    const { type, bytes, values } = encodeF32(random.normals(hidden, 0.1).map((value) => value + 1));
    tensors[name] = { shape: [hidden], type, bytes };
    weights.set(name, matrix(1, hidden, values));
  };
  add2('token_embd.weight', tokens.length, hidden, 4);
  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `blk.${layer}`;
    add1(`${block}.attn_norm.weight`);
    add2(`${block}.attn_q.weight`, heads * headSize, hidden, 2);
    add2(`${block}.attn_k.weight`, kvHeads * headSize, hidden, 2);
    add2(`${block}.attn_v.weight`, kvHeads * headSize, hidden);
    add2(`${block}.attn_output.weight`, hidden, heads * headSize);
    add1(`${block}.ffn_norm.weight`);
    add2(`${block}.ffn_gate.weight`, feedForward, hidden);
    add2(`${block}.ffn_up.weight`, feedForward, hidden);
    add2(`${block}.ffn_down.weight`, hidden, feedForward);
  }
  add1('output_norm.weight');
  if (!tied) add2('output.weight', tokens.length, hidden);

  if (options.extraTensor !== undefined) add1(options.extraTensor);

  const metadata: Record<string, GgufValue | undefined> = {
    'general.architecture': 'llama',
    'llama.block_count': LAYERS,
    'llama.context_length': 64,
    'llama.embedding_length': hidden,
    'llama.feed_forward_length': feedForward,
    'llama.attention.head_count': heads,
    'llama.attention.head_count_kv': kvHeads,
    'llama.attention.key_length': headSize,
    'llama.rope.freq_base': { float: ROPE_BASE },
    'llama.attention.layer_norm_rms_epsilon': { float: EPSILON },
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
  const model = { layers: LAYERS, heads, kvHeads, headSize, ropeBase: ROPE_BASE, epsilon: EPSILON, weights };
  const bytes = ggufBytes({ metadata: Object.fromEntries(given), tensors });
  return {
    bytes,
    layers: LAYERS,
    heads,
    kvHeads,
    headSize,
    vocabulary: tokens.length,
    logits: (ids) => llamaLogits(model, ids),
  };
}
