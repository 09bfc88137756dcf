// Schemas that are refused: every unsupported keyword by name, every impossible one with its reason, every too large one.

import { describe, expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintCache } from '../../../workers/inference/constrained/constraint-cache.ts';
import { NOT_SUPPORTED } from '../../../workers/inference/constrained/schema/keywords.ts';
import { withinStack } from '../../../workers/inference/constrained/within-stack.ts';
import { cpuTimeOf, messageOf } from './support.ts';

const refusal = (schema: unknown) => messageOf(() => compileConstraint({ kind: 'json', schema }));

describe('what is not supported is named, with its place', () => {
  test.each([...NOT_SUPPORTED])('%s', (keyword) => {
    const schema = { type: 'object', properties: { 'a/b': { [keyword]: true } } };
    expect(refusal(schema)).toBe(`the schema at /properties/a~1b: the keyword "${keyword}" is not supported`);
  });

  test('unknown keywords, also where nothing refers to them', () => {
    expect(refusal({ type: 'string', minLenght: 3 })).toBe('the schema: the keyword "minLenght" is unknown');
    expect(refusal({ $defs: { a: { nullable: true } } })).toBe(
      'the schema at /$defs/a: the keyword "nullable" is unknown',
    );
  });

  test.each([
    [{ type: 'text' }, 'the schema at /type: expected a type or a list of types out of null, boolean, integer'],
    [{ items: [{}] }, 'the schema at /items: expected a schema (an object, true or false), [{}] came'],
    [{ properties: { a: 1 } }, 'the schema at /properties/a: expected a schema'],
    [{ minLength: -1 }, 'the schema at /minLength: expected a whole number from 0 to 9007199254740991, -1 came'],
    [{ minItems: 1e300 }, 'the schema at /minItems: expected a whole number from 0 to 9007199254740991, 1e+300 came'],
    [
      { multipleOf: 0.1 },
      'the schema at /multipleOf: expected a whole number from 1 to 9007199254740991 (others are not exact), 0.1 came',
    ],
    [{ enum: [] }, 'the schema at /enum: expected a list of values'],
    [
      { const: Number.POSITIVE_INFINITY },
      'the schema at /const: expected numbers that a double holds, one above them came',
    ],
    [{ enum: [1, { a: [Number.NEGATIVE_INFINITY] }] }, 'the schema at /enum: expected numbers that a double holds'],
    [{ anyOf: [] }, 'the schema at /anyOf: expected a list of schemas'],
    [{ required: [1] }, 'the schema at /required: expected a list of texts'],
    [{ format: 'iri' }, 'the schema at /format: expected a format out of date, time, date-time, duration'],
    [{ $schema: 'http://json-schema.org/draft-04/schema#' }, 'the schema at /$schema: expected draft 2020-12'],
    [{ items: { $id: 'x' } }, 'the schema at /items/$id: expected it at the root of the schema only'],
    [{ $ref: 'https://example.com/a' }, 'the schema at /$ref: expected a reference into the same schema'],
    [{ $ref: '#/$defs/none' }, 'the schema at /$ref: nothing is at "#/$defs/none"'],
    [{ pattern: 'a(?=b)' }, 'the schema at /pattern: look-ahead (?=…) is not supported at character 2 of the pattern'],
    ['text', 'the schema: expected a schema or the name of a type, "text" came'],
    [7, 'the schema: expected a schema (an object, true or false), 7 came'],
    [undefined, 'the schema: expected a schema (an object, true or false), undefined came'],
  ])('%j', (schema, message) => {
    expect(refusal(schema)).toContain(message);
  });
});

describe('what is impossible says why', () => {
  test.each([
    [false, 'the schema: expected a constraint that an output can satisfy, but false allows nothing'],
    [{ type: 'string', minLength: 5, maxLength: 4 }, 'minLength 5 is above maxLength 4'],
    [{ type: 'string', pattern: '^a{5}$', maxLength: 4 }, 'no text has its pattern, format and length at once'],
    [{ type: 'integer', minimum: 1.2, maximum: 1.8 }, 'no number of up to 15 digits is in its range'],
    [{ type: 'integer', exclusiveMinimum: 6, maximum: 11, multipleOf: 6 }, 'no number'],
    [{ type: 'string', enum: [1, 2] }, 'no value of its enum or const satisfies the rest of it'],
    [{ allOf: [{ type: 'string' }, { type: 'null' }] }, 'no type satisfies all of its schemas'],
    [
      { type: 'array', items: false, minItems: 1 },
      'it needs at least 1 items and can have 0 at most, since here false allows nothing',
    ],
    [
      { type: 'object', properties: { a: false }, required: ['a'] },
      'the schema at /properties/a: expected a constraint that an output can satisfy, but the property "a" is required and false allows nothing',
    ],
    [
      { type: 'object', properties: { a: {} }, additionalProperties: false, minProperties: 2 },
      'no choice of its properties has between 2 and',
    ],
    [{ anyOf: [false, false] }, 'false allows nothing, and so is no other branch of anyOf possible'],
    [{ anyOf: [false, { type: 'string', maxLength: 0, minLength: 1 }] }, 'minLength 1 is above maxLength 0'],
    [
      { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] },
      'it is nested in itself more than 16 deep',
    ],
    [
      { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
      'it is nested in itself more than 16 deep',
    ],
  ])('%j', (schema, message) => {
    expect(refusal(schema)).toContain(message);
  });
});

describe('what is too large is stopped, and says what was too large', () => {
  const nestedIn = (inner: unknown, depth: number): unknown =>
    depth === 0 ? inner : { items: nestedIn(inner, depth - 1) };
  const nested = (depth: number) => nestedIn({}, depth);
  const nestedArray = (depth: number): unknown => (depth === 0 ? 1 : [nestedArray(depth - 1)]);
  const choices = { anyOf: Array.from({ length: 10 }, (_, i) => ({ minimum: i })) };
  const properties = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`p${i}`, { type: 'integer' }]));
  test.each([
    ['bytes', { description: 'x'.repeat(300_000) }, 'bytes (limit 262144)'],
    ['depth', nested(70), 'schemas nested more than 64 deep'],
    ['depth without schemas', { default: nestedArray(300) }, 'a value nested more than 256 deep'],
    [
      'depth of a value',
      { const: nestedArray(65) },
      'the schema at /const: expected a smaller constraint, this one has a value',
    ],
    ['depth of the output', nestedIn({ $ref: '#' }, 60), 'values nested more than 300 deep in the output'],
    ['schemas in a list', { prefixItems: Array(1_001).fill({}) }, '1001 schemas in a list (limit 1000)'],
    ['choices at one place', { allOf: Array(300).fill({ anyOf: [{}] }) }, 'more than 256 anyOf and oneOf'],
    ['combinations', { type: 'integer', allOf: [choices, choices, choices] }, 'more than 256 combinations'],
    ['parts', { type: 'object', properties, minProperties: 800 }, 'more than'],
    ['properties', { required: Array.from({ length: 1_001 }, (_, i) => `p${i}`) }, '1001 properties (limit 1000)'],
    ['a length to reach', { type: 'string', minLength: 70_000 }, 'a minLength above 65536'],
    [
      'a length with a pattern',
      { type: 'string', pattern: 'a', maxLength: 20_000 },
      'a length above 10000 beside a pattern',
    ],
    ['a multiple', { type: 'integer', multipleOf: 1_000_003 }, 'numbers of more than 60000 states'],
    ['a pattern', { type: 'string', pattern: '(a|b)*a(a|b){16}' }, 'a pattern of more than 10000 states'],
  ])('%s', (_, schema, message) => {
    expect(cpuTimeOf(() => expect(refusal(schema)).toContain(message))).toBeLessThan(2_000);
  });

  test('also before it is looked at: nothing is as deep as a stack of calls, and what is refused is remembered', () => {
    const cache = new ConstraintCache();
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    const message = messageOf(() => cache.compile({ kind: 'json', schema: { const: deep } }));
    expect(message).toBe('the schema: expected a smaller constraint, this one has a value nested more than 256 deep');
    const large = { kind: 'json', schema: { type: 'string', pattern: '(a|b)*a(a|b){16}' } } as const;
    const errors = [1, 2].map(() => {
      try {
        return cache.compile(large);
      } catch (error) {
        return error;
      }
    });
    expect(isSteadyTextError(errors[0], 'InvalidInput')).toBe(true);
    expect(errors[1]).toBe(errors[0]);
  });

  test('a message does not show the whole of a long name', () => {
    const name = 'k'.repeat(100_000);
    for (const schema of [
      { properties: { [name]: { nope: 1 } } },
      { [name]: 1 },
      { properties: { [name]: false }, required: [name] },
    ])
      expect(refusal(schema).length).toBeLessThan(1_000);
  });

  test('a stack of calls that is too deep all the same is refused too', () => {
    const endless = (): number => endless() + 1;
    expect(messageOf(() => withinStack(endless))).toMatch(/^the constraint: expected a smaller constraint/);
    expect(messageOf(() => withinStack(() => new Uint8Array(-1)))).toMatch(/Invalid typed array length/);
  });

  test('all of them are InvalidInput with a hint', () => {
    for (const schema of [false, { not: {} }, nested(70)]) {
      try {
        compileConstraint({ kind: 'json', schema });
        expect.unreachable();
      } catch (error) {
        expect(isSteadyTextError(error, 'InvalidInput') && error.hint).toBeTruthy();
      }
    }
  });
});
