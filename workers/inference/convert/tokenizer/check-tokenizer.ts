// Whether engines will be able to read a tokenizer that came with a model, tried before the model is converted.

import { Tokenizer } from '@huggingface/tokenizers';
import { isSteadyTextError } from '../../../errors.ts';
import { tokenReader } from '../../text/token-reader.ts';
import { pairSpecials, type TokenizerDefinition, type TokenizerFiles } from '../../text/tokenizer.ts';
import { unsupported } from '../read/source-errors.ts';

/**
 * Throws ModelUnsupported for one that the tokenizer library refuses or cannot read a text with, and, for a graph of pairs, that does
 * not put these together: `pairs` says whether the graph asks for types of tokens.
 */
export function checkTokenizer(
  path: string,
  tokenizer: object,
  config: object,
  pairs?: { readonly asksTypes: boolean },
): void {
  try {
    const reads = new Tokenizer(tokenizer, config);
    const definition: TokenizerDefinition = tokenizer;
    const files: TokenizerFiles = { tokenizer: reads, definition, config: { ...config } };
    for (const _ of tokenReader(files, 1).read('a b'));
    if (pairs) pairSpecials(reads, pairs.asksTypes, 'it');
  } catch (error) {
    if (isSteadyTextError(error)) throw unsupported(path, error.message);
    throw unsupported(
      path,
      `expected a tokenizer that can be read, got one of which the tokenizer library says: ${error}`,
    );
  }
}
