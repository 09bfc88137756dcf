// The tokens of one generation under a constraint: those that must come, those of which the model chooses one, and the end.
//
// Where only one text can come, its tokens are taken as they are, without asking the model. They are found at fixed places
// of the answer, whatever a step takes along, so guesses and mates change no byte of it.

import type { CompiledConstraint } from '../constrained/compile-constraint.ts';
import { ConstraintState } from '../constrained/constraint-state.ts';
import { allow } from '../constrained/vocabulary/token-mask.ts';
import type { Vocabulary } from '../constrained/vocabulary/vocabulary.ts';

export interface Constraint {
  readonly compiled: CompiledConstraint;
  readonly vocabulary: Vocabulary;
}

export class ConstrainedTokens {
  readonly #state: ConstraintState;
  readonly #endTokens: readonly number[];
  /** Tokens that may still come. */
  #left: number;
  /** Those that must come, the next first. */
  #forced: readonly number[];

  constructor(from: Constraint | ConstrainedTokens, limit = 0, endTokens: readonly number[] = []) {
    if (from instanceof ConstrainedTokens) {
      this.#state = from.#state.clone();
      this.#endTokens = from.#endTokens;
      this.#left = from.#left;
      this.#forced = from.#forced;
    } else {
      this.#state = new ConstraintState(from.compiled, from.vocabulary);
      this.#endTokens = endTokens;
      this.#left = limit;
      this.#forced = this.#state.forced(limit);
    }
  }

  /** Its own, for tokens that are not yet taken. */
  clone(): ConstrainedTokens {
    return new ConstrainedTokens(this);
  }

  /** Tokens that come next whatever the model says. */
  get forced(): readonly number[] {
    return this.#forced;
  }

  /** Whether nothing can be added to what has come. */
  get mustEnd(): boolean {
    return this.#state.mustEnd;
  }

  /** Those of which the next one is picked, as bits; where the output may end, a token that ends the turn too. */
  allowed(): Uint32Array {
    const { bits, canEnd } = this.#state.allowed(this.#left);
    if (!canEnd) return bits;
    const withEnd = bits.slice();
    for (const token of this.#endTokens) allow(withEnd, token);
    return withEnd;
  }

  /** Takes a token that is allowed and does not end the turn. */
  accept(token: number): void {
    this.#state.accept(token);
    this.#left--;
    this.#forced = this.#forced.length > 0 ? this.#forced.slice(1) : this.#forced;
    if (this.#forced.length === 0 && this.#left > 0) this.#forced = this.#state.forced(this.#left);
  }
}
