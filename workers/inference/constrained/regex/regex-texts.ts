// The texts that a pattern matches, as an automaton.

import { deterministic } from '../automata/subsets.ts';
import type { TextDfa } from '../automata/text-dfa.ts';
import type { Fuel } from '../limits.ts';
import { nfaOf } from './nfa.ts';
import { parseRegex } from './parse.ts';

/** Undefined when nothing matches. Whole: the pattern is all of the text; otherwise it is found in it. */
export function textsMatching(pattern: string, whole: boolean, fuel: Fuel, place: string): TextDfa | undefined {
  return deterministic(nfaOf(parseRegex(pattern, place, fuel), whole, place), fuel, place);
}
