// What the parts of the schema compiler share in one compilation.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import { both } from '../automata/combine.ts';
import { type NumberRange, numbersIn } from '../automata/numbers.ts';
import type { TextDfa } from '../automata/text-dfa.ts';
import type { Expressions } from '../expression/expressions.ts';
import type { Expression } from '../expression/node.ts';
import type { Fuel } from '../limits.ts';
import { at } from '../refusals.ts';
import { textsMatching } from '../regex/regex-texts.ts';
import type { Alternative } from './alternatives.ts';
import { FORMATS } from './formats.ts';
import type { Impossible } from './impossible.ts';
import type { Located, SchemaDocument } from './located.ts';

export type Compiled = Expression | Impossible;

export class SchemaContext {
  readonly document: SchemaDocument;
  readonly all: Expressions;
  readonly fuel: Fuel;
  /** Schemas that must hold together, as an expression. */
  readonly compile: (context: SchemaContext, together: readonly Located[]) => Compiled;
  /** Whether nothing that is written for the first is valid in the second. */
  readonly rejects: (first: Alternative, second: Alternative) => boolean;
  readonly compiled = new Map<string, Compiled>();
  readonly #texts = new Map<string, TextDfa | undefined>();
  readonly #automata = new Map<string, ByteDfa | undefined>();

  constructor(
    document: SchemaDocument,
    all: Expressions,
    fuel: Fuel,
    compile: SchemaContext['compile'],
    rejects: (context: SchemaContext, first: Alternative, second: Alternative) => boolean,
  ) {
    this.document = document;
    this.all = all;
    this.fuel = fuel;
    this.compile = compile;
    this.rejects = (first, second) => rejects(this, first, second);
  }

  /** The texts in which a pattern is found; undefined when there are none. */
  pattern(pattern: string, pointer: string): TextDfa | undefined {
    return once(this.#texts, `p${pattern}`, () => textsMatching(pattern, false, this.fuel, at(pointer)));
  }

  format(name: string, pointer: string): TextDfa | undefined {
    return once(this.#texts, `f${name}`, () => textsMatching(FORMATS[name]!, true, this.fuel, at(pointer)));
  }

  both(a: TextDfa | undefined, b: TextDfa | undefined, pointer: string): TextDfa | undefined {
    return a && b && both(a, b, this.fuel, at(pointer));
  }

  texts(name: string, make: () => ByteDfa | undefined): ByteDfa | undefined {
    return once(this.#automata, name, make);
  }

  numbers(range: NumberRange, pointer: string): ByteDfa | undefined {
    return once(this.#automata, JSON.stringify(range), () => numbersIn(range, this.fuel, at(pointer)));
  }
}

/** What is undefined is remembered too. */
function once<Value>(
  memory: Map<string, Value | undefined>,
  key: string,
  make: () => Value | undefined,
): Value | undefined {
  if (!memory.has(key)) memory.set(key, make());
  return memory.get(key);
}
