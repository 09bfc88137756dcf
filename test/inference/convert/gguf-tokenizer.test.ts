// The tokenizer of a GGUF file has the ids that the tokenizer.json of the same model has.

import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { metadataFields } from '../../../workers/inference/convert/read/metadata-fields.ts';
import { readGgufTokenizer } from '../../../workers/inference/convert/tokenizer/gguf-tokenizer.ts';
import { KNOWN_PRE_TOKENIZERS } from '../../../workers/inference/convert/tokenizer/pre-tokenizers.ts';
import { encodePrompt } from '../../../workers/inference/text/encode-prompt.ts';
import { byteLetters, learnVocabulary } from './byte-vocabulary.ts';
import { PUBLISHED } from './published-tokenizers.ts';

const TEXTS = [
  'The quick brown fox jumps over the lazy dog, then the dog jumps over the fox.',
  'In 2024 there were 1234567 of 12345678 and 3.14159265, 42 or 7; 1,000,000.00 in all, room101b.',
  "I'm sure they've said we'll see what he'd do; it's John's, and you're right, isn't it? 'tis so.",
  "I'M SURE THEY'VE SAID WE'LL SEE WHAT HE'D DO; IT'S JOHN'S, AND YOU'RE RIGHT, ISN'T IT?",
  'a  b   c    d     e\t\tf \t g\n\nh\n \n i\r\n\r\nj   \n',
  '   leading, trailing   ',
  '\n\n\n',
  'function add(a, b) {\n  return a + b; // the sum\n}\n\n\nconst x = add(1, 22) ** 333 - 4444;\n',
  'def f(x):\n    if x>=10 and x!=3:\n        return {"k": [x<<2, ~x|1]}\n    return None\n',
  'SELECT count(*) FROM "requests" WHERE state=\'done\' AND tokens>=100; -- $1, $2\n',
  '人工智能正在改变世界，二〇二四年有12345家公司。东京は日本の首都です。서울은 한국의 수도입니다.',
  '👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 thumbs, 😀😀😀 and ☃ snow🎉!',
  'naïve café, Ünïcödé, Straße, Ελληνικά, Русский текст, עברית, العربية, हिन्दी',
  'cafe\u0301 and café, A\u030angstro\u0308m',
  'one½two²three④five١٢٣٤٥six Ⅻ seven',
  'price: $100+tax=€95.50~£80^2|x<y>z & 50% off #1 @home ***bold*** __under__ ...and—so “on”…',
  'call `name` and ```code``` now',
  '\u00a0no-break\u00a0space\u3000wide\u2003em \u200bzero',
  'https://example.com/a/b?c=d&e=f#g user@example.org C:\\temp\\x.txt /usr/lib64/a_b-c.so.1',
  '',
];

// Learnt from these texts with words turned about, so that tokens cross the borders of words.
const BYTES = learnVocabulary([...TEXTS, ...TEXTS.map((text) => text.split(' ').toReversed().join(' '))], 700);
const SPECIALS = ['<|begin|>', '<|end|>', '<tool>'];
/** A word of the vocabulary that no merges build. */
const WHOLE = byteLetters(' jumps').join('');
const TOKENS = [...BYTES.tokens, ...(BYTES.tokens.includes(WHOLE) ? [] : [WHOLE]), ...SPECIALS];
const [BEGIN, END, TOOL] = SPECIALS.map((token) => TOKENS.indexOf(token)) as [number, number, number];
const CONTROL = 3;
const USER_DEFINED = 4;

function ofGguf(name: string, metadata: Record<string, number | boolean | string | string[]> = {}) {
  const fields = {
    'general.architecture': 'llama',
    'llama.context_length': 64,
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': name,
    'tokenizer.ggml.tokens': TOKENS,
    'tokenizer.ggml.token_type': TOKENS.map((_, id) => (id === TOOL ? USER_DEFINED : id >= BEGIN ? CONTROL : 1)),
    'tokenizer.ggml.merges': [...BYTES.merges],
    'tokenizer.ggml.bos_token_id': BEGIN,
    'tokenizer.ggml.eos_token_id': END,
    ...metadata,
  };
  const { tokenizer, config } = readGgufTokenizer(
    'tiny.gguf',
    metadataFields('tiny.gguf', new Map(Object.entries(fields))),
  );
  return {
    tokenizer: new Tokenizer(tokenizer as never, config as never),
    definition: tokenizer as never,
    config: config as never,
  };
}

function published(name: string): Tokenizer {
  const { normalizer, pre_tokenizer, ignore_merges = false } = PUBLISHED[name]!;
  const added_tokens = [BEGIN, END, TOOL].map((id) => ({
    ...{ id, content: TOKENS[id], special: id !== TOOL },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  const vocab = Object.fromEntries(TOKENS.map((token, id) => [token, id]));
  return new Tokenizer(
    {
      ...{ version: '1.0', truncation: null, padding: null, added_tokens, normalizer, pre_tokenizer },
      post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        unk_token: null,
        ignore_merges,
        vocab,
        merges: BYTES.merges.map((merge) => merge.split(' ')),
      },
    } as never,
    {},
  );
}

const plain = (tokenizer: Tokenizer, text: string): number[] =>
  tokenizer.encode(text, { add_special_tokens: false }).ids;

test('the known pre-tokenizers are those with a published form here', () => {
  expect([...KNOWN_PRE_TOKENIZERS].sort()).toEqual(Object.keys(PUBLISHED).sort());
});

describe.for(KNOWN_PRE_TOKENIZERS)('%s', (name) => {
  const { tokenizer } = ofGguf(name);
  const { notCompared, normalizer } = PUBLISHED[name]!;

  test('gives the ids of the published tokenizer', () => {
    const other = published(name);
    const compared = TEXTS.filter((text) => !notCompared?.test(text));
    expect(compared.length).toBeGreaterThan(14);
    const withSpecials = compared.map((text) => `<|begin|>${text}<tool> ${text}<|end|>`);
    for (const text of [...compared, ...withSpecials]) expect(plain(tokenizer, text), text).toEqual(plain(other, text));
  });

  test('gives the text back', () => {
    for (const text of TEXTS.filter((text) => text !== ''))
      expect(tokenizer.decode(plain(tokenizer, text))).toBe(normalizer ? text.normalize('NFC') : text);
  });

  test('cuts otherwise than every other', () => {
    for (const other of KNOWN_PRE_TOKENIZERS.filter((known) => known !== name)) {
      const differing = TEXTS.filter(
        (text) => `${plain(tokenizer, text)}` !== `${plain(ofGguf(other).tokenizer, text)}`,
      );
      expect(differing.length, other).toBeGreaterThan(1);
    }
  });
});

// Written by hand from what the names stand for.
test.for([
  ['smollm', "I'll be 123", ['I', "'ll", ' be', ' ', '1', '2', '3']],
  ['smollm', 'x١٢', ['x', '١', '٢']],
  ['gpt-2', "I'LL be 1234\n\nx", ['I', "'", 'LL', ' be', ' 1234', '\n', '\n', 'x']],
  ['qwen2', "I'LL be 123 (a)\n\nx", ['I', "'LL", ' be', ' ', '1', '2', '3', ' (', 'a', ')\n\n', 'x']],
  ['llama-bpe', "I'LL be 1234567 (a)\n\nx", ['I', "'LL", ' be', ' ', '123', '456', '7', ' (', 'a', ')\n\n', 'x']],
  ['qwen2', "I'Mok i'mok", ['I', "'M", 'ok', ' i', "'m", 'ok']],
  ['llama-bpe', "WE'LLgo", ['WE', "'LL", 'go']],
  ['default', "a=12345,b`c` it's", ['a', '=', '123', '45', ',', 'b', '`', 'c', '`', ' it', "'", 's']],
  ['default', 'so 1234 ١٢٣٤', ['so', ' ', '123', '4', ' ', '١٢٣٤']],
] as const)('%s cuts %j into its words', ([name, text, words]) => {
  const cut: string[] = ofGguf(name).tokenizer.pre_tokenizer!.pre_tokenize([text]);
  expect(cut).toEqual(words.map((word) => byteLetters(word).join('')));
});

describe('a word that is a token', () => {
  test('stays whole in llama-bpe, though its merges do not build it', () => {
    const id = TOKENS.indexOf(WHOLE);
    expect(plain(ofGguf('llama-bpe').tokenizer, 'fox jumps')).toContain(id);
    expect(plain(ofGguf('qwen2').tokenizer, 'fox jumps')).not.toContain(id);
  });
});

describe('the beginning of a text', () => {
  const first = (name: string, metadata = {}) => ofGguf(name, metadata).tokenizer.encode('fox').ids[0];
  test('is what add_bos_token says', () => {
    for (const name of KNOWN_PRE_TOKENIZERS) {
      expect(first(name, { 'tokenizer.ggml.add_bos_token': true })).toBe(BEGIN);
      expect(first(name, { 'tokenizer.ggml.add_bos_token': false })).not.toBe(BEGIN);
    }
  });

  test('is what models of the pre-tokenizer do where the file does not say', () => {
    expect(KNOWN_PRE_TOKENIZERS.filter((name) => first(name) === BEGIN)).toEqual(['llama-bpe']);
  });
});

test('a prompt is measured as its vocabulary meets it', () => {
  const measured: string[] = [];
  encodePrompt(ofGguf('qwen2'), (text) => measured.push(text))('cafe\u0301');
  expect(measured).toEqual(['caf\u00e9']);
});
