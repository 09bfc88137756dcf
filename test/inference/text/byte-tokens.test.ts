// Tokens to text: whole characters only, whatever bytes the tokens are cut at.

import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { bytesOfTokens, tokenStream } from '../../../workers/inference/text/byte-tokens.ts';

// Bytes F0 9F 98 80 (the smiley) as GPT-2's letters, one token each; then a word, a special and an added token.
const vocab = { ð: 0, Ł: 1, ĺ: 2, Ģ: 3, Ġword: 4, '<end>': 5, '[tool]': 6 };
const added_tokens = [
  { id: 5, content: '<end>', special: true },
  { id: 6, content: '[tool]', special: false },
].map((token) => ({ ...token, single_word: false, lstrip: false, rstrip: false, normalized: false }));
const definition = {
  added_tokens,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab, merges: [] },
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
  post_processor: null,
};
const tokenizer = new Tokenizer(definition, {});
const bytesOf = bytesOfTokens({ tokenizer, definition, config: {} });

describe('a stream of tokens', () => {
  test('gives a character when its last byte has come', () => {
    const stream = tokenStream(bytesOf);
    expect([0, 1, 2, 3, 4].map((id) => stream.push(id))).toEqual(['', '', '', '😀', ' word']);
    expect(stream.end()).toBe('');
  });

  test('marks bytes that never became a character', () => {
    const stream = tokenStream(bytesOf);
    expect([0, 1, 4].map((id) => stream.push(id))).toEqual(['', '', '\ufffd word']);
    stream.push(0);
    expect(stream.end()).toBe('\ufffd');
  });

  test('leaves special tokens out and keeps other added ones', () => {
    const stream = tokenStream(bytesOf);
    expect([5, 6].map((id) => stream.push(id))).toEqual(['', '[tool]']);
  });

  test('is refused for a vocabulary that is not byte-level', () => {
    const words = { ...definition, decoder: { type: 'WordPiece' } };
    expect(() => bytesOfTokens({ tokenizer, definition: words, config: {} })).toThrow(
      /expected .*ByteLevel.*WordPiece came/,
    );
  });
});
