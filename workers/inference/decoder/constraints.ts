// The constraints of a text model's generations: compiled, bound to its vocabulary, and refused where no answer could satisfy
// them. The vocabulary is made for the first of them.

import { SteadyTextError } from '../../errors.ts';
import type { ConstraintSpec } from '../constrained/compile-constraint.ts';
import { ConstraintCache } from '../constrained/constraint-cache.ts';
import { ConstraintState } from '../constrained/constraint-state.ts';
import { Vocabulary } from '../constrained/vocabulary/vocabulary.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { BytesOfToken } from '../text/byte-tokens.ts';
import { plainTokenizer } from '../text/plain-tokenizer.ts';
import type { TokenizerFiles } from '../text/tokenizer.ts';
import type { Constraint } from './constrained-tokens.ts';

export class Constraints {
  readonly #cache = new ConstraintCache();
  readonly #shape: DecoderShape;
  readonly #files: TokenizerFiles;
  readonly #bytesOf: BytesOfToken;
  #vocabulary: Vocabulary | undefined;

  constructor(shape: DecoderShape, files: TokenizerFiles, bytesOf: BytesOfToken) {
    this.#shape = shape;
    this.#files = files;
    this.#bytesOf = bytesOf;
  }

  /** Throws InvalidInput, and ModelUnsupported for a vocabulary that could not write all texts. */
  compile(spec: ConstraintSpec): Constraint {
    this.#vocabulary ??= this.#makeVocabulary();
    return { compiled: this.#cache.compile(spec), vocabulary: this.#vocabulary };
  }

  /** A token that ends the turn is no part of an answer, whatever its letters are. */
  #makeVocabulary(): Vocabulary {
    const { vocabulary: size, endTokens } = this.#shape;
    const plain = plainTokenizer(this.#files);
    const bytes = Array.from({ length: size }, (_, id) => (endTokens.includes(id) ? undefined : this.#bytesOf(id)));
    return new Vocabulary(bytes, (text) => plain.encode(text, { add_special_tokens: false }).ids);
  }
}

/** How many tokens an answer has at least. Throws for a constraint that the vocabulary cannot write. */
export function fewestTokensOf({ compiled, vocabulary }: Constraint, model: string): number {
  const fewest = new ConstraintState(compiled, vocabulary).fewestTokens();
  if (fewest < Number.POSITIVE_INFINITY) return fewest;
  throw new SteadyTextError(
    'InvalidInput',
    `constraint: expected one that ${model} can write, but its vocabulary has no tokens for any text that satisfies it`,
    { hint: 'Loosen the constraint, or use another model.' },
  );
}

/** `at most` tokens may come: of what was asked, or of what the prompt leaves. */
export function tooFewTokens(fewest: number, most: number, why: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `expected room for the ${fewest} tokens that an output of the constraint has at least, ${most} may come: ${why}`,
    { hint: 'Raise max_tokens, shorten the prompt, or loosen the constraint.' },
  );
}
