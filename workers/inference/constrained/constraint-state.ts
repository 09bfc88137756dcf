// One generation under a constraint: which tokens may come next, and what has come.

import { SteadyTextError } from '../../errors.ts';
import type { CompiledConstraint } from './compile-constraint.ts';
import type { Expression } from './expression/node.ts';
import { branchesOf, stepOf } from './expression/steps.ts';
import type { Bound } from './vocabulary/bound.ts';
import { forcedTokens } from './vocabulary/forced-tokens.ts';
import { tokensAt, tokensToEnd } from './vocabulary/literal-costs.ts';
import { allow, type TokenMask } from './vocabulary/token-mask.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';

export class ConstraintState {
  readonly #bound: Bound;
  #node: Expression;

  constructor(compiled: CompiledConstraint, vocabulary: Vocabulary);
  constructor(state: ConstraintState);
  constructor(from: CompiledConstraint | ConstraintState, vocabulary?: Vocabulary) {
    const copied = from instanceof ConstraintState;
    this.#bound = copied ? from.#bound : from.boundTo(vocabulary!);
    this.#node = copied ? from.#node : from.start;
  }

  /** A state of its own, for tokens that may be taken back. */
  clone(): ConstraintState {
    return new ConstraintState(this);
  }

  /** Whether what has come is a whole output. */
  get canEnd(): boolean {
    return this.#node.canEnd;
  }

  /** Whether nothing can be added to what has come. */
  get mustEnd(): boolean {
    return this.#node.canEnd && branchesOf(this.#bound.all, this.#node).length === 0;
  }

  /** How many tokens suffice to end the output; ending itself takes none. Infinity when the vocabulary cannot write it. */
  fewestTokens(): number {
    const { costs, shortest } = this.#bound;
    return Math.min(costs.of(this.#node), shortest.of(this.#node).tokens);
  }

  /** The tokens after which the output can be ended with those that are left then. */
  allowed(tokensLeft: number): TokenMask {
    const { masks, costs, shortest, vocabulary } = this.#bound;
    const canEnd = this.#node.canEnd;
    let bits = masks.within(this.#node, tokensLeft - 1);
    if (costs.of(this.#node) > tokensLeft) {
      // Too few for the estimate of a state, but the shortest output itself may have fewer tokens than that.
      const { tokens, bytes } = shortest.of(this.#node);
      if (tokens > tokensLeft) throw tooFew(tokensLeft, this.fewestTokens());
      const toEnd = tokensToEnd(vocabulary, bytes);
      bits = bits.slice();
      for (const { token, end } of tokensAt(vocabulary, bytes, 0)) if (toEnd[end]! < tokensLeft) allow(bits, token);
    }
    return { bits, canEnd };
  }

  /** Takes the next token, which must be an allowed one. */
  accept(token: number): void {
    const bytes = this.#bound.vocabulary.bytesOf(token);
    let node: Expression | undefined = bytes && this.#node;
    for (const byte of bytes ?? []) node = node && stepOf(this.#bound.all, node, byte);
    if (!node) throw new RangeError(`expected a token that the constraint allows, ${token} came`);
    this.#node = node;
  }

  /** Tokens that must come next in any case, as many as surely fit: they can be taken without asking the model. */
  forced(tokensLeft: number): readonly number[] {
    const { all, masks, vocabulary } = this.#bound;
    const tokens = forcedTokens(all, masks, vocabulary, this.#node);
    const ahead = this.clone();
    for (const [i, token] of tokens.entries()) {
      ahead.accept(token);
      if (!ahead.#fits(tokensLeft - i - 1)) return tokens.slice(0, i);
    }
    return tokens;
  }

  #fits(tokensLeft: number): boolean {
    const { costs, shortest } = this.#bound;
    return costs.of(this.#node) <= tokensLeft || shortest.of(this.#node).tokens <= tokensLeft;
  }
}

function tooFew(left: number, needed: number): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `expected room for the ${needed} tokens that this output needs at least, ${left} are left`,
    {
      hint: 'Raise max_tokens, or loosen the constraint.',
    },
  );
}
