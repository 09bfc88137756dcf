// oneOf: taken where its branches are proven to exclude each other, refused else.

import { describe, expect, test } from 'vitest';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { messageOf } from './support.ts';

const refusal = (schema: unknown) => messageOf(() => compileConstraint({ kind: 'json', schema }));

describe('oneOf is refused unless its branches exclude each other', () => {
  test.each([
    [[{ type: 'integer' }, { type: 'number', minimum: 3 }]],
    [
      [
        { type: 'object', properties: { a: {} }, required: ['a'] },
        { type: 'object', properties: { b: {} } },
      ],
    ],
    [[{ type: 'string', maxLength: 4 }, { type: 'string', format: 'date' }, { pattern: '^2' }]],
    [[{ type: 'string' }, { minLength: 3 }]],
    [
      [
        { properties: { a: {} }, required: ['a'] },
        { type: 'object', maxProperties: 1 },
      ],
    ],
    [[{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }]],
    [
      [
        { type: 'array', prefixItems: [{ const: 1 }] },
        { type: 'array', prefixItems: [{ const: 2 }] },
      ],
    ],
    // Each of these overlaps in one direction only, and so is here in both orders.
    [
      [
        { type: 'object', properties: { x: {} } },
        { type: 'object', properties: { y: {} }, required: ['y'] },
      ],
    ],
    [
      [
        { type: 'object', properties: { y: {} }, required: ['y'] },
        { type: 'object', properties: { x: {} } },
      ],
    ],
  ])('%j', (oneOf) => {
    expect(refusal({ oneOf })).toContain('the schema at /oneOf: expected branches that exclude each other');
  });

  test.each([
    [[{ type: 'integer', maximum: 2 }, { type: 'number', minimum: 3 }, { type: 'null' }]],
    [
      [
        { type: 'object', properties: { a: {} }, required: ['a'] },
        { type: 'object', properties: { b: {} }, additionalProperties: false },
      ],
    ],
    [
      [
        { type: 'object', properties: { k: { const: 1 } }, required: ['k'] },
        { type: 'object', properties: { k: { const: 2 } }, required: ['k'] },
      ],
    ],
    [
      [
        { type: 'string', maxLength: 3 },
        { type: 'string', pattern: '^.{4}$' },
      ],
    ],
    [[{ enum: ['a', 'b'] }, { enum: ['c'] }, { type: 'boolean' }]],
    [
      [
        { type: 'array', prefixItems: [{ const: 1 }], minItems: 1 },
        { type: 'array', prefixItems: [{ const: 2 }], minItems: 1 },
      ],
    ],
    [
      [
        { type: 'array', maxItems: 1 },
        { type: 'array', minItems: 2 },
      ],
    ],
  ])('but not %j', (oneOf) => {
    expect(refusal({ oneOf })).toBe('nothing was thrown');
  });
});

describe('a branch of oneOf that is too deep to be written', () => {
  const chain = (length: number, last: unknown) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `r${i}`,
        // Each is one deeper: it holds more than the reference.
        i < length - 1 ? { $ref: `#/$defs/r${i + 1}`, minLength: 0 } : last,
      ]),
    );
  const oneOf = [{ type: 'string' }, { $ref: '#/$defs/r0' }];

  test('may be valid all the same, so that it is no proof', () => {
    const overlaps = 'the schema at /oneOf: expected branches that exclude each other';
    expect(refusal({ oneOf, $defs: chain(18, { type: 'string' }) })).toContain(overlaps);
    expect(refusal({ oneOf: oneOf.toReversed(), $defs: chain(18, { type: 'string' }) })).toContain(overlaps);
    const inside = { oneOf: [{ type: 'string' }, { anyOf: [{ const: 1 }, { $ref: '#/$defs/r0' }] }] };
    expect(refusal({ ...inside, $defs: chain(18, { type: 'string' }) })).toContain(overlaps);
    const member = (schema: unknown) => ({ type: 'object', properties: { a: schema }, required: ['a'] });
    const members = { oneOf: [member({ type: 'string' }), member({ $ref: '#/$defs/r0' })] };
    expect(refusal({ ...members, $defs: chain(18, { type: 'string' }) })).toContain(overlaps);
    const partly = { anyOf: [{ const: 1 }, { $ref: '#/$defs/r0' }] };
    const inMembers = { oneOf: [member({ type: 'string' }), member(partly)] };
    expect(refusal({ ...inMembers, $defs: chain(18, { type: 'string' }) })).toContain(overlaps);
    expect(refusal({ oneOf: [{ type: 'null' }, { $ref: '#' }] })).toContain(
      'expected branches that exclude each other',
    );
  });

  test('does not surely allow a value of const', () => {
    const schema = { const: { a: 'x' }, properties: { a: { $ref: '#/$defs/r0' } }, $defs: chain(18, { maxLength: 0 }) };
    expect(refusal(schema)).toContain('no value of its enum or const satisfies the rest of it');
  });

  test('is taken where what it would allow excludes the others', () => {
    const node = { type: 'object', properties: { next: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/node' }] } } };
    expect(refusal({ $ref: '#/$defs/node', $defs: { node } })).toBe('nothing was thrown');
  });

  test('is not one of plain references in a row', () => {
    const plain = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `r${i}`,
        i < 39 ? { $ref: `#/$defs/r${i + 1}`, title: 'x' } : { type: 'string' },
      ]),
    );
    expect(refusal({ $ref: '#/$defs/r0', $defs: plain })).toBe('nothing was thrown');
    expect(refusal({ oneOf, $defs: plain })).toContain('expected branches that exclude each other');
  });

  test('what allows nothing at all excludes everything', () => {
    const a = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
    for (const nothing of [false, { anyOf: [false, false] }])
      expect(refusal({ oneOf: [a, { properties: { a: nothing, b: {} }, required: ['b'] }] })).toBe(
        'nothing was thrown',
      );
  });
});
