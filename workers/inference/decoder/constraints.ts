// The constraints of a text model's generations: compiled, and with the model's vocabulary. That is made for the first of them, in
// slices between the steps of others (together 200 ms for 49,000 tokens), while the generations that need it wait.

import type { ConstraintSpec } from '../constrained/compile-constraint.ts';
import { ConstraintCache } from '../constrained/constraint-cache.ts';
import { Vocabulary } from '../constrained/vocabulary/vocabulary.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { BytesOfToken } from '../text/byte-tokens.ts';
import { plainTokenizer } from '../text/plain-tokenizer.ts';
import type { TokenizerFiles } from '../text/tokenizer.ts';
import type { Constraint } from './constrained-tokens.ts';

interface Waiting {
  readonly id: string;
  readonly spec: ConstraintSpec;
  readonly compiled: PromiseWithResolvers<Constraint | undefined>;
}

export class Constraints {
  readonly #cache = new ConstraintCache();
  readonly #shape: DecoderShape;
  readonly #files: TokenizerFiles;
  readonly #bytesOf: BytesOfToken;
  readonly #waiting = new Set<Waiting>();
  #vocabulary: Vocabulary | undefined;
  #slices: Generator<void, Vocabulary> | undefined;

  constructor(shape: DecoderShape, files: TokenizerFiles, bytesOf: BytesOfToken) {
    this.#shape = shape;
    this.#files = files;
    this.#bytesOf = bytesOf;
  }

  /** Generations that wait for the vocabulary. */
  get size(): number {
    return this.#waiting.size;
  }

  isWaiting(id: string): boolean {
    return [...this.#waiting].some((waiting) => waiting.id === id);
  }

  /**
   * At once where the vocabulary is there, else a promise of it, which turns bring about; of undefined when it was cancelled
   * meanwhile. Throws InvalidInput, and ModelUnsupported for a vocabulary that could not write all texts.
   */
  compile(id: string, spec: ConstraintSpec): Constraint | Promise<Constraint | undefined> {
    if (this.#vocabulary) return this.#with(this.#vocabulary, spec);
    const waiting = { id, spec, compiled: Promise.withResolvers<Constraint | undefined>() };
    this.#waiting.add(waiting);
    return waiting.compiled.promise;
  }

  /** A slice of the vocabulary, if somebody waits for it; never throws. */
  turn(): void {
    if (this.#waiting.size === 0) return;
    this.#slices ??= this.#makeVocabulary();
    try {
      const { done, value } = this.#slices.next();
      if (!done) return;
      this.#vocabulary = value;
    } catch (error) {
      this.#slices = undefined;
      this.close(error);
      return;
    }
    this.#slices = undefined;
    for (const waiting of this.#waiting) this.#settle(waiting, this.#vocabulary);
    this.#waiting.clear();
  }

  cancel(id: string): void {
    for (const waiting of this.#waiting) {
      if (waiting.id !== id) continue;
      waiting.compiled.resolve(undefined);
      this.#waiting.delete(waiting);
    }
  }

  close(error: unknown): void {
    for (const { compiled } of this.#waiting) compiled.reject(error);
    this.#waiting.clear();
  }

  #settle({ spec, compiled }: Waiting, vocabulary: Vocabulary): void {
    try {
      compiled.resolve(this.#with(vocabulary, spec));
    } catch (error) {
      compiled.reject(error);
    }
  }

  #with(vocabulary: Vocabulary, spec: ConstraintSpec): Constraint {
    return { compiled: this.#cache.compile(spec), vocabulary };
  }

  /** A token that ends the turn is no part of an answer, whatever its letters are. */
  #makeVocabulary(): Generator<void, Vocabulary> {
    const { vocabulary: size, endTokens } = this.#shape;
    const plain = plainTokenizer(this.#files);
    return Vocabulary.inSlices(
      size,
      (id) => (endTokens.includes(id) ? undefined : this.#bytesOf(id)),
      (text) => plain.encode(text, { add_special_tokens: false }).ids,
    );
  }
}
