// The special tokens of a model, found in the text that its chat template makes.

import type { TokenizerFiles } from './tokenizer.ts';

export interface SpecialTokens {
  readonly ids: ReadonlyMap<string, number>;
  /** Matches the longest, and captures it, so that `split` keeps it. Nothing when there are none. */
  readonly any: RegExp;
}

export function specialTokens({ definition }: Pick<TokenizerFiles, 'definition'>): SpecialTokens {
  const ids = new Map(
    definition.added_tokens?.filter(({ special }) => special).map(({ content, id }) => [content, id]),
  );
  return { ids, any: oneOf([...ids.keys()]) };
}

function oneOf(contents: readonly string[]): RegExp {
  const longestFirst = contents.toSorted((a, b) => b.length - a.length).map(escaped);
  return longestFirst.length > 0 ? new RegExp(`(${longestFirst.join('|')})`) : /(?!)/;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
