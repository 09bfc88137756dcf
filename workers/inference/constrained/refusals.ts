// The three ways in which a constraint is refused: it has a part that is not supported, nothing can satisfy it, or it is too large.

import { SteadyTextError } from '../../errors.ts';

/** Where in a schema: its JSON pointer, or its root. */
export function at(pointer: string): string {
  return pointer === '' ? 'the schema' : `the schema at ${pointer}`;
}

export function pointerTo(pointer: string, ...steps: (string | number)[]): string {
  return [pointer, ...steps.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}

export function unsupported(place: string, message: string, hint?: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `${place}: ${message}`, {
    hint:
      hint ??
      'Leave it out, or write the constraint in another way: docs/structured-output.md tells what is supported.',
  });
}

export function impossible(place: string, why: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `${place}: expected a constraint that an output can satisfy, but ${why}`, {
    hint: 'Loosen the constraint at that place.',
  });
}

export function tooLarge(place: string, what: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `${place}: expected a smaller constraint, this one has ${what}`, {
    hint: 'Use smaller counts, fewer choices, or a simpler pattern: docs/structured-output.md has the limits.',
  });
}
