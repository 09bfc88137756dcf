// The three ways in which a constraint is refused: it has a part that is not supported, nothing can satisfy it, or it is too large.

import { SteadyTextError } from '../../errors.ts';
import { LIMITS } from './limits.ts';

/** Where in a schema: its JSON pointer, or its root. */
export function at(pointer: string): string {
  return pointer === '' ? 'the schema' : `the schema at ${short(pointer)}`;
}

/** Its beginning and its end: names in a schema may be a quarter of a megabyte long, a message may not. */
function short(text: string, most = 200): string {
  return text.length > most ? `${text.slice(0, most / 2)}…${text.slice(1 - most / 2)}` : text;
}

export function pointerTo(pointer: string, ...steps: (string | number)[]): string {
  return [pointer, ...steps.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}

export function unsupported(place: string, message: string, hint?: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `${place}: ${short(message, 600)}`, {
    hint:
      hint ??
      'Leave it out, or write the constraint in another way: docs/structured-output.md tells what is supported.',
  });
}

export function impossible(place: string, why: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `${place}: expected a constraint that an output can satisfy, but ${short(why, 600)}`,
    {
      hint: 'Loosen the constraint at that place.',
    },
  );
}

export function tooLarge(place: string, what: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `${place}: expected a smaller constraint, this one has ${what}`, {
    hint: 'Use smaller counts, fewer choices, or a simpler pattern: docs/structured-output.md has the limits.',
  });
}

/** Each of them costs a walk over the vocabulary before each token, in which all other generations wait. */
export function tooManyAutomata(count: number): SteadyTextError {
  return tooLarge(
    'the constraint',
    `${count} patterns, formats and ranges of numbers that may go on at one place (limit ${LIMITS.automata}, those that make one ` +
      'automaton together counted as one)',
  );
}
