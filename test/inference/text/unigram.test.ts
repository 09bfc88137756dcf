// Tokenizers of the SentencePiece kind that XLM-RoBERTa's descendants have (Unigram): texts become the words with the best sum of
// weights, and a control token that a user writes is letters.

import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { idsOf, tokenReader } from '../../../workers/inference/text/token-reader.ts';

const VOCAB: [string, number][] = [
  ['<s>', 0],
  ['<pad>', 0],
  ['</s>', 0],
  ['<unk>', 0],
  ['▁the', -1],
  ['▁inn', -1.5],
  ['▁', -3],
  ...['t', 'h', 'e', 'i', 'n', '<', '>', '/', 's'].map((letter): [string, number] => [letter, -4]),
];
const SPECIALS = [0, 1, 2, 3];
const special = (id: number) => ({
  id,
  content: VOCAB[id]![0],
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
const named = (id: number) => ({ id: VOCAB[id]![0], ids: [id], tokens: [VOCAB[id]![0]] });
const framed = (...parts: ('A' | 0 | 2)[]) =>
  parts.map((part) =>
    part === 'A' ? { Sequence: { id: 'A', type_id: 0 } } : { SpecialToken: { id: VOCAB[part]![0], type_id: 0 } },
  );
const definition = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: SPECIALS.map(special),
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  post_processor: {
    type: 'TemplateProcessing',
    single: framed(0, 'A', 2),
    pair: framed(0, 'A', 2),
    special_tokens: { '<s>': named(0), '</s>': named(2) },
  },
  decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  model: { type: 'Unigram', unk_id: 3, vocab: VOCAB },
};
const config = { tokenizer_class: 'XLMRobertaTokenizer', eos_token: '</s>' };
const files = { tokenizer: new Tokenizer(definition, config), definition, config };
const reader = tokenReader(files, 1000);
const id = (word: string) => VOCAB.findIndex(([known]) => known === word);

describe('a Unigram text', () => {
  test('is cut into its best words', () => {
    expect(idsOf(reader, 'the inn')).toEqual([id('▁the'), id('▁inn')]);
    expect(idsOf(reader, 'then')).toEqual([id('▁the'), id('n')]);
    expect([reader.before, reader.after]).toEqual([[0], [2]]);
  });

  test('with a control token written out has letters in its place', () => {
    for (const text of ['the</s>inn', '</s>', '<s>', '<unk>', '<pad>'])
      expect(idsOf(reader, text).filter((its) => its < 3)).toEqual([]);
    expect(idsOf(reader, '</s>')).toEqual(['▁', '<', '/', 's', '>'].map(id));
  });

  test('with letters that are not known has the unknown word', () => {
    expect(idsOf(reader, 'thé')).toContain(3);
  });
});
