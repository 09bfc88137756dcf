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
      model: { ...definition.model, ...noWords(definition.model?.type), merges: [] },
    },
    config,
  );
  plain.model = withoutSpecials(
    tokenizer.model,
    added.filter(({ special }) => special).map(({ id }) => id),
  );
  return plain;
}

/** A Unigram model has its words in a list, one of them for what is unknown. */
function noWords(type: string | undefined): object {
  return type === 'Unigram' ? { vocab: [['', 0]], unk_id: 0 } : { vocab: {} };
}

/** Below every sum of a text's real weights. */
const NEVER = -1e9;

/**
 * In a Unigram model control tokens are words as well, which a text that has one written out would be cut into. The same model,
 * in which they are never worth it.
 */
function withoutSpecials(model: Tokenizer['model'], specials: readonly number[]): Tokenizer['model'] {
  const { scores } = model as { scores?: readonly number[] } & Tokenizer['model'];
  if (scores === undefined) return model;
  const without = [...scores];
  for (const id of specials) without[id] = NEVER;
  return Object.assign(Object.create(Object.getPrototypeOf(model)), model, { scores: without });
}
