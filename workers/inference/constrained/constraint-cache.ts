// Compiled constraints by what they ask for: requests of one schema share its automata and masks.

import { createHash } from 'node:crypto';
import { BoundedMap } from './bounded-map.ts';
import { type CompiledConstraint, type ConstraintSpec, compileConstraint } from './compile-constraint.ts';
import { remembered } from './remembered.ts';

/** A constraint and its masks take 1–5 MB as a rule, and up to 64 MB at the limits. */
const CAPACITY = 16;

export class ConstraintCache {
  readonly #compiled: BoundedMap<string, CompiledConstraint>;

  constructor(capacity: number = CAPACITY) {
    this.#compiled = new BoundedMap(capacity);
  }

  /** Compiles what is not there; the order of members counts, since it is the order of the output. */
  compile(spec: ConstraintSpec): CompiledConstraint {
    const hash = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    return remembered(this.#compiled, hash, () => compileConstraint(spec));
  }
}
