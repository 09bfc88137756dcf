// Whether the shortest answer of a constraint has room: what is refused before the first token.

import { SteadyTextError } from '../../errors.ts';
import { ConstraintState } from '../constrained/constraint-state.ts';
import type { Constraint } from './constrained-tokens.ts';

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

/** `most` tokens may come: of what was asked, or of what the prompt leaves. */
export function tooFewTokens(fewest: number, most: number, why: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `expected room for the ${fewest} tokens that an output of the constraint has at least, ${most} may come: ${why}`,
    { hint: 'Raise max_tokens, shorten the prompt, or loosen the constraint.' },
  );
}
