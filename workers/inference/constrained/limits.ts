// How large a constraint may be. Counts, never clocks: the same constraint is refused on every machine or on none.

import { tooLarge } from './refusals.ts';

export const LIMITS = {
  /** Bytes of a schema as JSON. */
  schemaBytes: 262_144,
  /** How deep the schemas of a schema may be nested in each other. */
  schemaDepth: 64,
  /** How deep a schema may be nested as JSON: what it takes for the two limits of depth around this one. */
  jsonDepth: 256,
  /** How deep values in a schema (const, enum, default …) may be nested. */
  valueDepth: 64,
  /** Schemas in a list of them: prefixItems, anyOf … */
  schemas: 1_000,
  /** How many $ref (or values of any type) may be nested in each other in the output. */
  references: 16,
  /** How deep values of the output may be nested in each other: 64 schemas times 16 references would be more than the stack holds. */
  outputDepth: 300,
  /** Ways to choose among the branches of anyOf, oneOf and allOf at one place. */
  alternatives: 256,
  /** Ways in which the output so far may be read, or go on, at the same time. */
  readings: 4_096,
  /** Automata (patterns, formats, numbers) among them: each costs a walk over the vocabulary. */
  automata: 6,
  /** Steps to make one of several. */
  unionSteps: 2_000_000,
  /** Declared properties of an object. */
  properties: 1_000,
  patternLength: 4_096,
  /** The largest count in {m,n}. */
  repeats: 10_000,
  groupDepth: 100,
  /** States of a regular expression before and after it is made deterministic, over characters and over bytes. */
  patternStates: 50_000,
  textStates: 10_000,
  byteStates: 60_000,
  /** Entries of its table: two bytes each. */
  byteCells: 4_000_000,
  choices: 10_000,
  choiceBytes: 1_048_576,
  /** minLength. A text may have many times more, but not have to. */
  leastCharacters: 65_536,
  /** Nodes of the compiled expression; while generating, as many more are remembered before they are dropped. */
  nodes: 50_000,
  /** Steps of work while compiling: up to 0.4 s, in which the engine does nothing else. */
  steps: 10_000_000,
} as const;

/** Counts the steps of one compilation. */
export class Fuel {
  #left: number;

  constructor(steps: number = LIMITS.steps) {
    this.#left = steps;
  }

  spend(steps: number, place: string): void {
    this.#left -= steps;
    if (this.#left < 0) throw tooLarge(place, `more than ${LIMITS.steps} steps to compile`);
  }
}
