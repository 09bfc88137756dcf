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
  const specials = added.filter(({ special }) => special).map(({ id }) => id);
  plain.model = withoutSpecials(tokenizer.model, plain.model, specials);
  return plain;
}

/** A Unigram model has its words in a list, one of them for what is unknown. */
function noWords(type: string | undefined): object {
  return type === 'Unigram' ? { vocab: [['', 0]], unk_id: 0 } : { vocab: {} };
}

type Model = Tokenizer['model'];

/** Below every sum of a text's real weights. */
const NEVER = -1e9;

/**
 * In a Unigram model control tokens are words as well, which a text that has one written out would be cut into. `empty`, a model
 * of no words, is given the words of the other, of which these are never worth it.
 */
function withoutSpecials(model: Model, empty: Model, specials: readonly number[]): Model {
  const { scores } = model as { scores?: readonly number[] } & Model;
  if (scores === undefined) return model;
  const without = [...scores];
  for (const id of specials) without[id] = NEVER;
  return Object.assign(empty!, model, { scores: without });
}
