// Whatever the schema, the budget and the tokens taken: the output is valid, also when tokens run out.
// STEADYTEXT_TEST_SCHEMAS=20000 makes it bigger.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import {
  type CompiledConstraint,
  compileConstraint,
} from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintState } from '../../../workers/inference/constrained/constraint-state.ts';
import { randomSchema } from './random-schemas.ts';
import { seeded, tinyVocabulary, walk } from './support.ts';

const COUNT = Number(process.env.STEADYTEXT_TEST_SCHEMAS ?? 1_150);
const PARTS = 5;
const ajv = new Ajv2020({ strict: false, logger: false, ownProperties: true });
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
const VOCABULARIES = [tinyVocabulary(1), tinyVocabulary(2, 0), tinyVocabulary(3, 2_000)];

describe('outputs of generated schemas', () => {
  test.each(Array.from({ length: PARTS }, (_, part) => part))('are valid by ajv, part %i', (part) => {
    let compiled = 0;
    for (let seed = part; seed < COUNT; seed += PARTS) compiled += Number(tried(seed));
    // The others are impossible, or have branches of oneOf that overlap.
    expect(compiled).toBeGreaterThan((0.88 * COUNT) / PARTS);
  });
});

function tried(seed: number): boolean {
  const random = seeded(seed);
  const schema = randomSchema(random);
  const compiled = compiledOrRefused(schema);
  if (!compiled) return false;
  const validate = ajv.compile(schema);
  const vocabulary = VOCABULARIES[seed % VOCABULARIES.length]!;
  const fewest = new ConstraintState(compiled, vocabulary).fewestTokens();
  for (const budget of [fewest, fewest + 1, fewest + Math.floor(random() * 20), fewest + 60]) {
    const { text } = walk(compiled, vocabulary, budget, random);
    if (!validate(JSON.parse(text)))
      throw new Error(`seed ${seed}: ${text} of ${JSON.stringify(schema)}: ${ajv.errorsText(validate.errors)}`);
    expect(text).toBe(compact(text));
  }
  return true;
}

function compiledOrRefused(schema: unknown): CompiledConstraint | undefined {
  try {
    return compileConstraint({ kind: 'json', schema });
  } catch (error) {
    const isRefusal =
      isSteadyTextError(error, 'InvalidInput') &&
      /can satisfy|exclude each other|minProperties above/.test(error.message);
    if (!isRefusal) throw error;
    return undefined;
  }
}

/** Without whitespace outside of texts. */
function compact(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}
