// A model's tokenizer that takes every text as text: "<|im_end|>" written by a user is some letters, not the end of a turn.

import { Tokenizer } from '@huggingface/tokenizers';
import type { TokenizerFiles } from './tokenizer.ts';

/** Tokens that are added but not special (as runs of spaces) stay what they are. */
export function plainTokenizer({ tokenizer, definition, config }: TokenizerFiles): Tokenizer {
  const added = definition.added_tokens ?? [];
  // Made without vocabulary, then given the other's: 49,000 tokens and their merges are in memory once.
  const plain = new Tokenizer(
    {
      ...definition,
      added_tokens: added.filter(({ special }) => !special),
      model: { ...definition.model, vocab: {}, merges: [] },
    },
    config,
  );
  plain.model = tokenizer.model;
  return plain;
}
