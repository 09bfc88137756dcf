// Encoders over single letters: all that an engine loads of one, and the plain computation of what it should answer.

import type { FileRole } from '../../../workers/inference/store/manifest.ts';
import { type TinyBert, tinyBert } from '../convert/tiny-bert.ts';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?'];
/** A word is its first letter, then a "##" and each other letter. */
export const TINY_WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...LETTERS, ...LETTERS.map((letter) => `##${letter}`)];

export interface TinyEncoder {
  readonly sources: Partial<Record<FileRole, Buffer>>;
  readonly model: TinyBert;
}

export interface TinyEncoderOptions {
  readonly maxTokens?: number;
  /** Content of 1_Pooling/config.json, modules.json, config_sentence_transformers.json, and more of config.json. */
  readonly pooling?: object;
  readonly modules?: object;
  readonly prompts?: object;
  readonly config?: object;
}

const POSITIONS = 64;

export function tinyEncoder(seed: number, options: TinyEncoderOptions = {}): TinyEncoder {
  const { maxTokens = 24, pooling, modules, prompts, config } = options;
  const model = tinyBert(seed, { vocabulary: TINY_WORDS.length, positions: POSITIONS });
  return {
    model,
    sources: {
      ...common(model, config),
      sentence_config: json({ max_seq_length: maxTokens }),
      ...(pooling && { pooling_config: json(pooling) }),
      ...(modules && { modules: json(modules) }),
      ...(prompts && { prompts: json(prompts) }),
    },
  };
}

/** The longest pair that it takes has 40 tokens. */
export function tinyCrossEncoder(seed: number, labels = 1): TinyEncoder {
  const model = tinyBert(seed, { prefix: 'bert.', labels, vocabulary: TINY_WORDS.length, positions: POSITIONS });
  return { model, sources: { ...common(model), tokenizer_config: tokenizerConfig(TINY_PAIR_TOKENS) } };
}

export const TINY_PAIR_TOKENS = 40;

function common(model: TinyBert, more: object = {}): TinyEncoder['sources'] {
  return {
    weights: model.bytes,
    config: json({ ...model.config, ...more }),
    tokenizer: json(wordPiece(TINY_WORDS)),
    tokenizer_config: tokenizerConfig(POSITIONS),
  };
}

function tokenizerConfig(longest: number): Buffer {
  return json({ tokenizer_class: 'BertTokenizer', model_max_length: longest });
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export const [CLS, SEP] = ['[CLS]', '[SEP]'].map((token) => TINY_WORDS.indexOf(token)) as [number, number];

/** Ids of words of letters, without specials. */
export function lettersOf(text: string): number[] {
  return text
    .split(' ')
    .flatMap((word) => [...word].map((letter, i) => TINY_WORDS.indexOf(i === 0 ? letter : `##${letter}`)));
}

export function wordPiece(words: readonly string[]): object {
  const special = (content: string) => ({
    id: words.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const named = (id: string) => ({ id, ids: [words.indexOf(id)], tokens: [id] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, piece('[SEP]')],
      pair: [
        piece('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        piece('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        { SpecialToken: { id: '[SEP]', type_id: 1 } },
      ],
      special_tokens: { '[CLS]': named('[CLS]'), '[SEP]': named('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  };
}
