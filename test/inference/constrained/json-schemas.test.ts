// JSON Schema as a specification: which JSON is written for what.

import { describe, expect, test } from 'vitest';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { accepts, messageOf, tinyVocabulary } from './support.ts';

const vocabulary = tinyVocabulary(5);

/** Which of the texts are outputs of the schema. */
function written(schema: unknown, texts: readonly string[]): string[] {
  const compiled = compileConstraint({ kind: 'json', schema });
  return texts.filter((text) => accepts(compiled, vocabulary, text));
}

/** All of the first, none of the others. */
function expectWritten(schema: unknown, yes: readonly string[], no: readonly string[]): void {
  expect(written(schema, [...yes, ...no])).toEqual(yes);
}

describe('a plain type name', () => {
  test.each([
    ['integer', ['0', '-7', '123456789012345'], ['1.0', '-0', '01', '1e3', '+1', '1234567890123456', '"1"']],
    ['number', ['0', '-0.5', '12.50', '0.00000000000001'], ['.5', '1.', '-0.0', '1e3', '0.000000000000001']],
    ['boolean', ['true', 'false'], ['True', '1', 'null']],
    ['null', ['null'], ['nul', '']],
    [
      'string',
      ['""', '"a b"', '"\\"\\\\\\n\\u0001é😀"'],
      ['"', '"\n"', '"\\u0041"', '"\\/"', '"\\u0000"', '"\\ud800"', "'a'"],
    ],
    ['array', ['[]', '[1,"a",[null]]'], ['[1, 2]', '[1,]']],
    ['object', ['{}', '{"a":1,"b":{"c":[]}}'], ['{"a": 1}', '{"":1}', '{a:1}']],
  ])('%s', expectWritten);
});

describe('texts', () => {
  test('have lengths in characters, not in bytes or halves of pairs', () => {
    expectWritten({ type: 'string', minLength: 2, maxLength: 3 }, ['"ab"', '"😀é\\n"'], ['"😀"', '"abcd"']);
  });

  test('have the pattern somewhere in them, the length and the format at once', () => {
    expectWritten({ type: 'string', pattern: '\\d', maxLength: 3 }, ['"1"', '"a1b"'], ['"ab"', '"ab12"']);
    expectWritten({ pattern: '^a|b$', minLength: 2 }, ['"ax"', '"\\nb"'], ['"a"', '"xa"']);
    expectWritten({ format: 'date', pattern: '^2024-02' }, ['"2024-02-29"'], ['"2024-02-30"', '"2024-03-01"']);
  });
});

describe('numbers', () => {
  test('are in their range, compared exactly', () => {
    expectWritten(
      { type: 'number', minimum: -1.25, exclusiveMaximum: 0.3 },
      ['-1.25', '0', '0.2999'],
      ['-1.26', '0.3', '0.30'],
    );
    expectWritten({ type: 'integer', exclusiveMinimum: 9, maximum: 101 }, ['10', '99', '101'], ['9', '102', '1000']);
    expectWritten({ type: 'integer', minimum: -20, maximum: 20, multipleOf: 7 }, ['-14', '0', '7'], ['8', '21', '-21']);
  });
});

describe('objects', () => {
  const schema = {
    properties: { a: { type: 'integer' }, b: { type: 'null' }, c: { enum: ['x', { y: 1 }] } },
    required: ['b'],
  };

  test('have their properties in the order of the schema, the optional ones or not', () => {
    const yes = ['{"b":null}', '{"a":1,"b":null}', '{"b":null,"c":"x"}', '{"a":1,"b":null,"c":{"y":1}}'];
    expectWritten(schema, yes, ['{}', '{"b":null,"a":1}', '{"a":1}', '{"b":null,"d":1}', '{"b":null,}']);
  });

  test('have others only where additionalProperties is given, never one of the declared again', () => {
    const open = { ...schema, additionalProperties: { type: 'boolean' } };
    expectWritten(
      open,
      ['{"b":null,"d":true}', '{"b":null,"aa":true,"é":false}'],
      ['{"b":null,"d":1}', '{"b":null,"b":true}'],
    );
    expectWritten({ ...schema, additionalProperties: false }, ['{"b":null}'], ['{"b":null,"d":true}']);
  });

  test('have required properties that are not declared, behind the others', () => {
    expectWritten({ ...schema, required: ['z', 'b'] }, ['{"b":null,"z":[1]}'], ['{"b":null}', '{"z":1,"b":null}']);
  });

  test('have as many as they are counted', () => {
    const counted = { ...schema, required: [], minProperties: 1, maxProperties: 2 };
    expectWritten(counted, ['{"a":1}', '{"b":null,"c":"x"}'], ['{}', '{"a":1,"b":null,"c":"x"}']);
  });

  test('have names like __proto__ as any other', () => {
    const named = JSON.parse(
      '{"properties":{"__proto__":{"type":"integer"},"constructor":{"type":"null"}},"required":["__proto__"]}',
    );
    expectWritten(named, ['{"__proto__":1}', '{"__proto__":1,"constructor":null}'], ['{}', '{"__proto__":null}']);
  });
});

describe('arrays', () => {
  test('have so many items', () => {
    const yes = ['[1]', '[1,2]'];
    expectWritten({ items: { type: 'integer' }, minItems: 1, maxItems: 2 }, yes, ['[]', '[1,2,3]', '["a"]', '[1 ,2]']);
  });

  test('begin with prefixItems, and go on only where items says with what', () => {
    const prefixItems = [{ type: 'integer' }, { type: 'string' }];
    expectWritten({ prefixItems }, ['[]', '[1]', '[1,"a"]'], ['["a"]', '[1,"a",null]']);
    expectWritten({ prefixItems, items: { type: 'null' } }, ['[1,"a",null,null]'], ['[1,"a",1]']);
    expectWritten({ prefixItems, minItems: 3 }, ['[1,"a",{"b":2}]'], ['[1,"a"]', '[1,"a",1,1]']);
    expectWritten({ prefixItems: [{ type: 'null' }, false] }, ['[]', '[null]'], ['[null,null]']);
  });
});

describe('combinations', () => {
  test('allOf and what stands beside it hold at once', () => {
    const schema = { type: ['integer', 'string'], allOf: [{ type: ['number', 'null'], minimum: 3 }, { maximum: 5 }] };
    expectWritten(schema, ['3', '5'], ['2', '6', '3.5', '"a"', 'null']);
  });

  test('anyOf inside allOf, and members that both speak of', () => {
    const one = { properties: { a: { type: 'integer' } }, required: ['a'] };
    const two = {
      anyOf: [{ properties: { a: { minimum: 5 } } }, { properties: { b: { const: 1 } }, required: ['b'] }],
    };
    expectWritten(
      { type: 'object', allOf: [one, two] },
      ['{"a":7}', '{"a":1,"b":1}'],
      ['{"a":1}', '{"b":1}', '{"a":1,"b":2}'],
    );
  });

  test('what one schema forbids, another cannot allow', () => {
    const allOf = [{ properties: { a: {} }, additionalProperties: false }, { properties: { b: {} } }];
    expectWritten({ type: 'object', allOf }, ['{}', '{"a":1}'], ['{"b":1}']);
  });

  test('oneOf whose branches exclude each other', () => {
    const branch = (k: string, type: string) => ({
      type: 'object',
      properties: { k: { const: k }, v: { type } },
      required: ['k', 'v'],
    });
    const oneOf = [branch('x', 'integer'), branch('y', 'null')];
    expectWritten({ oneOf }, ['{"k":"x","v":1}', '{"k":"y","v":null}'], ['{"k":"x","v":null}', '{"k":"z","v":1}']);
  });

  test('enum and const keep what satisfies the rest', () => {
    expectWritten(
      { type: ['string', 'integer'], enum: ['a', 1, null, 'long'], maxLength: 3 },
      ['"a"', '1'],
      ['null', '"long"'],
    );
    expectWritten({ const: { b: [1, 'x'], a: null } }, ['{"b":[1,"x"],"a":null}'], ['{"a":null,"b":[1,"x"]}']);
  });
});

describe('$ref', () => {
  test('leads into the schema, beside other keywords too', () => {
    const $defs = { 'a/b': { type: 'integer' } };
    expectWritten({ $defs, $ref: '#/$defs/a~1b', minimum: 3 }, ['3'], ['2', '"a"']);
  });

  test('nests an object in itself up to 16 deep', () => {
    const schema = { type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false };
    const nested = (depth: number): string => (depth === 0 ? '{}' : `{"next":${nested(depth - 1)}}`);
    expectWritten(schema, [nested(0), nested(1), nested(16)], [nested(17)]);
  });
});

describe('numbers at the ends of what a double holds, and objects that need others', () => {
  const takes = (schema: unknown, texts: readonly string[]) => {
    const compiled = compileConstraint({ kind: 'json', schema });
    return texts.filter((text) => accepts(compiled, tinyVocabulary(1), text));
  };

  test('integers are exact up to 2^53 - 1 where a bound is beyond 15 digits', () => {
    const texts = ['999999999999999', '1000000000000000', '9007199254740991', '9007199254740992', '10000000000000000'];
    expect(takes({ type: 'integer', minimum: 1e15 }, texts)).toEqual(texts.slice(1, 3));
    expect(
      takes({ type: 'integer', maximum: 2 ** 53 - 2 }, [...texts, '-9007199254740991', '-9007199254740992']),
    ).toEqual([...texts.slice(0, 2), '-9007199254740991']);
    expect(takes({ type: 'integer' }, texts)).toEqual(texts.slice(0, 1));
  });

  test('multiples of 500 and 1000', () => {
    for (const multipleOf of [500, 1000])
      expect(takes({ type: 'integer', multipleOf }, ['0', '-500', '1000', '1250', '123456789000', '10'])).toEqual(
        ['0', '-500', '1000', '123456789000'].filter((text) => Number(text) % multipleOf === 0),
      );
  });

  test('several multiples at once are the least that all of them divide', () => {
    const schema = { type: 'integer', allOf: [{ multipleOf: 4 }, { multipleOf: 6 }] };
    expect(takes(schema, ['6', '8', '12', '18', '24'])).toEqual(['12', '24']);
  });

  test('one other property is never there twice, so that one may be needed', () => {
    const texts = ['{}', '{"a":1}', '{"b":1}', '{"a":1,"b":2}'];
    expect(takes({ type: 'object', minProperties: 1 }, texts)).toEqual(texts.slice(1));
    const some = { type: 'object', properties: { a: {} }, additionalProperties: { type: 'integer' } };
    expect(takes({ ...some, minProperties: 2 }, texts)).toEqual(texts.slice(3));
    expect(takes({ ...some, minProperties: 1, maxProperties: 1 }, texts)).toEqual(texts.slice(1, 3));
    expect(messageOf(() => takes({ ...some, minProperties: 3 }, []))).toContain('by more than one is not supported');
  });
});
