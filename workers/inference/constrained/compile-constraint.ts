// Compiles a constraint: choices, a regular expression, or a JSON Schema.

import { encoded } from './automata/encode-texts.ts';
import { Expressions } from './expression/expressions.ts';
import { oneOfTexts } from './expression/literals.ts';
import type { Expression } from './expression/node.ts';
import { Fuel, LIMITS } from './limits.ts';
import { impossible, tooLarge, unsupported } from './refusals.ts';
import { textsMatching } from './regex/regex-texts.ts';
import { remembered } from './remembered.ts';
import { compileSchema } from './schema/compile-schema.ts';
import { type Bound, bind } from './vocabulary/bound.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';

export type ConstraintSpec =
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** The whole output matches. */
  | { readonly kind: 'regex'; readonly pattern: string }
  /** JSON Schema draft 2020-12, or the plain name of a type. */
  | { readonly kind: 'json'; readonly schema: unknown };

/** Plain data and memory of one constraint: for any number of generations and vocabularies. */
export class CompiledConstraint {
  readonly start: Expression;
  readonly #all: Expressions;
  readonly #bound = new WeakMap<Vocabulary, Bound>();

  constructor(all: Expressions, start: Expression) {
    all.finish();
    this.#all = all;
    this.start = start;
  }

  boundTo(vocabulary: Vocabulary): Bound {
    return remembered(this.#bound, vocabulary, () => bind(this.#all, vocabulary));
  }
}

/** Throws InvalidInput that names the part which is not supported, impossible or too large, and its place. */
export function compileConstraint(spec: ConstraintSpec): CompiledConstraint {
  const fuel = new Fuel();
  const all = new Expressions(fuel);
  if (spec.kind === 'choice') return new CompiledConstraint(all, compileChoices(all, spec.choices));
  if (spec.kind === 'regex') return new CompiledConstraint(all, compilePattern(all, spec.pattern, fuel));
  return new CompiledConstraint(all, compileSchema(all, spec.schema, fuel));
}

function compileChoices(all: Expressions, choices: readonly string[]): Expression {
  const place = 'choices';
  if (choices.length === 0)
    throw unsupported(place, 'expected at least one, none came', 'Give the texts to choose from.');
  if (choices.length > LIMITS.choices) throw tooLarge(place, `${choices.length} of them (limit ${LIMITS.choices})`);
  const broken = choices.findIndex((choice) => !choice.isWellFormed() || choice.includes('\0'));
  if (broken >= 0)
    throw unsupported(place, `expected texts without U+0000 and half surrogate pairs, number ${broken + 1} has some`);
  const bytes = choices.reduce((sum, choice) => sum + Buffer.byteLength(choice), 0);
  if (bytes > LIMITS.choiceBytes) throw tooLarge(place, `${bytes} bytes (limit ${LIMITS.choiceBytes})`);
  return oneOfTexts(all, choices);
}

function compilePattern(all: Expressions, pattern: string, fuel: Fuel): Expression {
  const place = 'pattern';
  const texts = textsMatching(pattern, true, fuel, place);
  if (!texts) throw impossible(place, 'no text matches it');
  return all.automaton(encoded(texts, 'plain', fuel, place));
}
