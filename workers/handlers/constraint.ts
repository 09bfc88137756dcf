// What a generation's answer is to satisfy, in SQL's words: a schema, a pattern or choices.

import { createHash } from 'node:crypto';
import { SteadyTextError } from '../errors.ts';
import type { ConstraintSpec } from '../inference/constrained/compile-constraint.ts';
import type { Receipt } from './receipt.ts';

export interface ConstraintParams {
  readonly schema?: unknown;
  readonly pattern?: string | undefined;
  readonly choices?: readonly string[] | undefined;
}

export function constraintOf({ schema, pattern, choices }: ConstraintParams): ConstraintSpec | undefined {
  const given: ConstraintSpec[] = [];
  if (schema !== undefined && schema !== null) given.push({ kind: 'json', schema });
  if (pattern !== undefined) given.push({ kind: 'regex', pattern });
  if (choices !== undefined) given.push({ kind: 'choice', choices });
  if (given.length <= 1) return given[0];
  throw new SteadyTextError('InvalidInput', 'params: expected one of schema, pattern and choices, got more');
}

/**
 * The hash in place of the text, which may be long: sha256 (hex) of it as JSON, members in the order of jsonb, which is the
 * order of the output.
 */
export function constraintParameters(constraint: ConstraintSpec): Receipt {
  const [name, value] =
    constraint.kind === 'json'
      ? ['schema', constraint.schema]
      : constraint.kind === 'regex'
        ? ['pattern', constraint.pattern]
        : ['choices', constraint.choices];
  return { [`${name}_sha256`]: createHash('sha256').update(JSON.stringify(value)).digest('hex') };
}
