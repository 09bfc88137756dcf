// Random words, prompts and ways to pick tokens, of which the sweep and the property of equal bytes in the tests make their
// requests.

import fc from 'fast-check';
import type { GenerateRequest } from '../../workers/handlers/generate.ts';
import type { ConstraintSpec } from '../../workers/inference/constrained/compile-constraint.ts';

export interface GenerationDraws {
  readonly words: readonly string[];
  /** Tokens of an answer, at most. */
  readonly mostTokens: number;
  /** Of which some generations have one; none of them needs more than `leastConstrained` tokens. */
  readonly constraints?: readonly ConstraintSpec[];
  readonly leastConstrained?: number;
  /** Texts of which some free answers end with one. */
  readonly stops?: readonly string[];
}

/** Of any length up to the most: what fast-check likes to draw is a dozen of them. */
export function randomWords(words: readonly string[], least: number, most: number): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom(...words), { minLength: least, maxLength: most, size: 'max' });
}

/** One time in three. */
function sometimes<Value>(some: readonly fc.Arbitrary<Value>[]): fc.Arbitrary<Value | undefined> {
  const nothing = { weight: 2 * some.length || 1, arbitrary: fc.constant(undefined) };
  return fc.oneof(nothing, ...some.map((arbitrary) => ({ weight: 1, arbitrary })));
}

/** Half of them greedy, a quarter of those with temperature from the most probable tokens only. */
export function randomPicking(draws: GenerationDraws): fc.Arbitrary<Omit<GenerateRequest, 'prompt'>> {
  const { mostTokens, constraints = [], leastConstrained = 16, stops = [] } = draws;
  return fc
    .record({
      maxTokens: fc.integer({ min: 1, max: mostTokens }),
      temperature: fc.constantFrom(0, 0, 0.7, 1.5),
      seed: fc.integer(),
      topK: fc.constantFrom(0, 0, 5),
      topP: fc.constantFrom(1, 1, 0.8),
      minTokens: fc.constantFrom(0, 0, 1),
      stop: fc.constantFrom([], [], ...stops.map((stop) => [stop])),
      constraint: sometimes(constraints.map((constraint) => fc.constant(constraint))),
    })
    .map(({ constraint, ...free }) => {
      if (!constraint) return free;
      return { ...free, stop: [], minTokens: 0, maxTokens: Math.max(leastConstrained, free.maxTokens), constraint };
    });
}

/** The words, but as many as are shared from a beginning that others have too. */
export function promptOf(words: readonly string[], shared: number, beginning: readonly string[]): string {
  return [...beginning.slice(0, shared), ...words.slice(Math.min(shared, beginning.length))].join(' ');
}
