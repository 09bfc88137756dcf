// The tokenizer inside a GGUF file, as the two files of the Hugging Face format.

import type { MetadataFields } from '../read/metadata-fields.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';
import { KNOWN_PRE_TOKENIZERS, preTokenizer } from './pre-tokenizers.ts';

export interface TokenizerFiles {
  /** Content of tokenizer.json. */
  readonly tokenizer: object;
  /** Content of tokenizer_config.json. */
  readonly config: object;
  /** Ids of the tokens that end a turn, each once, the model's own first. */
  readonly endTokens: readonly number[];
}

// Kinds of token in GGUF metadata.
const CONTROL = 3;
const USER_DEFINED = 4;

// What ends a turn in the chat formats of the family, beside the token that the file names; llama.cpp has the same list.
const END_OF_TURN = ['<|im_end|>', '<|endoftext|>', '<|eot_id|>', '<|end_of_text|>', '<|end|>', '<end_of_turn>'];

export function readGgufTokenizer(path: string, fields: MetadataFields): TokenizerFiles {
  const model = fields.text('tokenizer.ggml.model');
  if (model !== 'gpt2') throw unsupported(path, `tokenizer "${model}" is not known; known is gpt2 (byte-level BPE)`);
  const kind = fields.text('tokenizer.ggml.pre');
  const words = preTokenizer(kind);
  if (words === undefined)
    throw unsupported(path, `pre-tokenizer "${kind}" is not known; known are ${KNOWN_PRE_TOKENIZERS.join(', ')}`);

  const tokens = fields.texts('tokenizer.ggml.tokens');
  const kinds = fields.numbers('tokenizer.ggml.token_type', tokens.length);
  const vocabulary = new Map(tokens.map((token, id) => [token, id]));
  if (vocabulary.size < tokens.length) throw corrupt(path, 'expected each token once in tokenizer.ggml.tokens');
  const special = (role: string) => fields.optionalIndex(`tokenizer.ggml.${role}_token_id`, tokens.length);
  const beginning = special('bos');
  const end = special('eos');
  const addBeginning = fields.flag('tokenizer.ggml.add_bos_token', words.addsBeginning ?? false);
  if (addBeginning && beginning === undefined)
    throw corrupt(path, `expected tokenizer.ggml.bos_token_id, since ${whyBeginning(fields, kind)}`);

  const ends = [end, special('eot'), special('eom'), ...END_OF_TURN.map((token) => vocabulary.get(token))];
  const isControl = (id: number) => kinds[id] === CONTROL;
  const named = (id: number | undefined) => (id === undefined ? null : tokens[id]!);
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: tokens.flatMap((token, id) =>
        isControl(id) || kinds[id] === USER_DEFINED ? [addedToken(id, token, isControl(id))] : [],
      ),
      normalizer: words.normalizer ?? null,
      pre_tokenizer: { type: 'Sequence', pretokenizers: words.steps },
      post_processor: addBeginning ? beginsWith(tokens[beginning!]!, beginning!) : null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: bpe(vocabulary, checkedMerges(path, fields, vocabulary), words.ignoreMerges),
    },
    config: {
      tokenizer_class: 'GPT2Tokenizer',
      bos_token: named(beginning),
      eos_token: named(end),
      pad_token: named(special('padding') ?? end),
      unk_token: named(special('unknown')),
      add_bos_token: addBeginning,
      clean_up_tokenization_spaces: false,
      model_max_length: fields.count(`${fields.text('general.architecture')}.context_length`, Number.MAX_SAFE_INTEGER),
      chat_template: fields.optionalText('tokenizer.chat_template'),
    },
    endTokens: [...new Set(ends.filter((id) => id !== undefined))].filter((id) => id === end || isControl(id)),
  };
}

function whyBeginning(fields: MetadataFields, kind: string): string {
  return fields.has('tokenizer.ggml.add_bos_token')
    ? 'add_bos_token is set'
    : `texts of pre-tokenizer ${kind} begin with it`;
}

/** "a b" a line: each side and the result must be tokens, or encoding would fail on the text that meets them. */
function checkedMerges(
  path: string,
  fields: MetadataFields,
  vocabulary: ReadonlyMap<string, number>,
): readonly string[] {
  const merges = fields.texts('tokenizer.ggml.merges');
  for (const merge of merges) {
    const [left, right, ...rest] = merge.split(' ');
    const known =
      left && right && rest.length === 0 && [left, right, left + right].every((part) => vocabulary.has(part));
    if (!known) throw corrupt(path, `expected a merge of two tokens, got ${JSON.stringify(merge).slice(0, 60)}`);
  }
  return merges;
}

function bpe(vocabulary: ReadonlyMap<string, number>, merges: readonly string[], ignoreMerges?: true): object {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ...(ignoreMerges && { ignore_merges: true }),
    vocab: Object.fromEntries(vocabulary),
    merges,
  };
}

function addedToken(id: number, content: string, special: boolean): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

function beginsWith(token: string, id: number): object {
  const begin = { SpecialToken: { id: token, type_id: 0 } };
  const text = (name: string, type: number) => ({ Sequence: { id: name, type_id: type } });
  return {
    type: 'TemplateProcessing',
    single: [begin, text('A', 0)],
    pair: [begin, text('A', 0), begin, text('B', 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
