// Compiled constraints by what they ask for: requests of one schema share its automata and masks.

import { createHash } from 'node:crypto';
import { isSteadyTextError, type SteadyTextError } from '../../errors.ts';
import { BoundedMap } from './bounded-map.ts';
import { type CompiledConstraint, type ConstraintSpec, compileConstraint } from './compile-constraint.ts';
import { LIMITS } from './limits.ts';
import { remembered } from './remembered.ts';
import { refuseDeep } from './schema/check-schema.ts';

/** A constraint and its masks take 1–5 MB as a rule, and up to 64 MB at the limits. */
const CAPACITY = 16;
const REFUSALS = 1_000;

export class ConstraintCache {
  readonly #compiled: BoundedMap<string, CompiledConstraint>;
  /** What is refused takes up to a second to refuse: those who ask for it again and again should cost nothing more. */
  readonly #refused = new BoundedMap<string, SteadyTextError>(REFUSALS);

  constructor(capacity: number = CAPACITY) {
    this.#compiled = new BoundedMap(capacity);
  }

  /** Compiles what is not there; the order of members counts, since it is the order of the output. */
  compile(spec: ConstraintSpec): CompiledConstraint {
    if (spec.kind === 'json') refuseDeep(spec.schema, '', LIMITS.jsonDepth);
    const hash = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    const refused = this.#refused.get(hash);
    if (refused) throw refused;
    try {
      return remembered(this.#compiled, hash, () => compileConstraint(spec));
    } catch (error) {
      if (isSteadyTextError(error, 'InvalidInput')) this.#refused.set(hash, error);
      throw error;
    }
  }
}
