// Texts and numbers of a schema, as JSON.

import { encoded } from '../automata/encode-texts.ts';
import { type TextDfa, textsOfLength } from '../automata/text-dfa.ts';
import { ANY } from '../code-points.ts';
import { LIMITS } from '../limits.ts';
import { at, tooLarge } from '../refusals.ts';
import type { Alternative } from './alternatives.ts';
import { greatest, least, rangeOf, valuesOf } from './facets.ts';
import { Impossible } from './impossible.ts';
import type { Compiled, SchemaContext } from './schema-context.ts';

export function compileString(context: SchemaContext, alternative: Alternative): Compiled {
  const { all, fuel } = context;
  const { pointer } = alternative;
  const [min, max] = lengthsOf(alternative);
  if (min > max) return new Impossible(pointer, `minLength ${min} is above maxLength ${max}`);
  if (min > LIMITS.leastCharacters) throw tooLarge(at(pointer), `a minLength above ${LIMITS.leastCharacters}`);
  if (!isPatterned(alternative)) return all.all(['"', all.string(min, max)]);
  // The same texts at every depth of a recursive schema are one automaton.
  const asked = ['pattern', 'format'].map((keyword) => valuesOf(alternative, keyword).map(({ value }) => value));
  const dfa = context.texts(JSON.stringify([min, max, asked]), () => {
    const texts = textsIn(context, alternative);
    return texts && encoded(texts, 'json', fuel, at(pointer));
  });
  if (!dfa) return new Impossible(pointer, 'no text has its pattern, format and length at once');
  return all.all(['"', all.automaton(dfa)]);
}

export function lengthsOf(alternative: Alternative): [number, number] {
  return [greatest(alternative, 'minLength', 0), least(alternative, 'maxLength')];
}

function isPatterned({ pieces }: Alternative): boolean {
  return pieces.some(({ schema }) => schema.pattern !== undefined || schema.format !== undefined);
}

/** The texts with all of the patterns, the format unless it is left out, and the length; undefined when there are none. */
export function textsIn(context: SchemaContext, alternative: Alternative, withFormat = true): TextDfa | undefined {
  const { pointer } = alternative;
  const parts = [
    ...valuesOf<string>(alternative, 'pattern').map(({ value, pointer: place }) => context.pattern(value, place)),
    ...(withFormat
      ? valuesOf<string>(alternative, 'format').map(({ value, pointer: place }) => context.format(value, place))
      : []),
  ];
  const [min, max] = lengthsOf(alternative);
  if (min > max) return undefined;
  if (parts.length > 0 && min === 0 && max === Number.POSITIVE_INFINITY)
    return parts.reduce((a, b) => context.both(a, b, pointer));
  const largest = max === Number.POSITIVE_INFINITY ? min : max;
  if (largest >= LIMITS.textStates)
    throw tooLarge(at(pointer), `a length above ${LIMITS.textStates} beside a pattern or format`);
  return parts.reduce((a, b) => context.both(a, b, pointer), textsOfLength(min, max, ANY));
}

export function compileNumber(context: SchemaContext, alternative: Alternative, integer: boolean): Compiled {
  const dfa = context.numbers(rangeOf(alternative, integer), alternative.pointer);
  return dfa
    ? context.all.automaton(dfa)
    : new Impossible(alternative.pointer, 'no number of up to 15 digits is in its range');
}
