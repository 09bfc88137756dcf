// Schemas by chance: every supported keyword, nested, merged, chosen among and recursive.

import { pick } from './support.ts';

type Random = () => number;
type Schema = Record<string, unknown> | boolean;

const PATTERNS = [
  '^[a-c]{2,5}$',
  'x',
  '^\\d+(\\.\\d+)?$',
  '^(?:ab|cd)*$',
  '[^"\\\\]$',
  '^\\w+@\\w+$',
  '^.é?$',
  '^\\s*\\S',
  'a|^b',
  '\\p{Lu}\\p{Ll}',
];
const FORMATS = ['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid'];
const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  'a',
  '',
  'say "no"\n',
  'é\u0001',
  [],
  [1, 'x'],
  {},
  { a: 1, b: [null] },
];
const NAMES = ['a', 'b', 'name', 'say "x"', 'é', 'kind', '', 'constructor', 'a b'];

export function randomSchema(random: Random): Schema {
  const schema = anySchema(random, 3);
  if (typeof schema === 'boolean') return schema;
  return random() < 0.7
    ? { ...schema, $defs: definitions(random) }
    : { ...schema, $defs: definitions(random), title: 'a title' };
}

function definitions(random: Random): Record<string, unknown> {
  return {
    leaf: anySchema(random, 0),
    tree: {
      type: 'object',
      properties: {
        value: anySchema(random, 0),
        children: { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 3 },
      },
      required: ['value'],
    },
    list: {
      anyOf: [
        { type: 'null' },
        {
          type: 'object',
          properties: { head: { $ref: '#/$defs/leaf' }, tail: { $ref: '#/$defs/list' } },
          required: ['tail'],
        },
      ],
    },
  };
}

function anySchema(random: Random, depth: number): Schema {
  const makers = depth > 0 ? [...LEAVES, ...NESTED, ...NESTED] : LEAVES;
  return pick(random, makers)(random, depth);
}

const maybe = (random: Random, part: () => Record<string, unknown>, chance = 0.5) => (random() < chance ? part() : {});
const count = (random: Random, most: number) => Math.floor(random() * (most + 1));

const LEAVES: ((random: Random, depth: number) => Schema)[] = [
  (random) => ({ type: pick(random, ['null', 'boolean', 'integer', 'number', 'string']) }),
  (random) => ({ type: ['null', pick(random, ['boolean', 'integer', 'number', 'string'])] }),
  (random) => ({ type: 'string', ...lengths(random), ...maybe(random, () => ({ pattern: pick(random, PATTERNS) })) }),
  (random) => ({
    type: 'string',
    format: pick(random, FORMATS),
    ...maybe(random, () => ({ minLength: count(random, 12) }), 0.3),
  }),
  (random) => ({
    type: 'integer',
    ...range(random, 1),
    ...maybe(random, () => ({ multipleOf: 1 + count(random, 12) })),
  }),
  (random) => ({ type: 'number', ...range(random, 0.001) }),
  (random) => ({ enum: [pick(random, VALUES), pick(random, VALUES), pick(random, VALUES)] }),
  (random) => ({ const: pick(random, VALUES) }),
  () => ({}),
  () => true,
];

function lengths(random: Random): Record<string, unknown> {
  const minLength = count(random, 6);
  return {
    ...maybe(random, () => ({ minLength })),
    ...maybe(random, () => ({ maxLength: minLength + count(random, 20) })),
  };
}

function range(random: Random, unit: number): Record<string, unknown> {
  const low = (Math.floor(random() * 4000) - 2000) * unit;
  const high = low + Math.floor(random() * 3000) * unit;
  return {
    ...maybe(random, () => ({ [random() < 0.5 ? 'minimum' : 'exclusiveMinimum']: low })),
    ...maybe(random, () => ({ [random() < 0.5 ? 'maximum' : 'exclusiveMaximum']: high })),
  };
}

const NESTED: ((random: Random, depth: number) => Schema)[] = [
  object,
  object,
  (random, depth) => {
    const minItems = count(random, 2);
    return {
      type: 'array',
      ...maybe(random, () => ({ items: anySchema(random, depth - 1) })),
      ...maybe(random, () => ({ prefixItems: [anySchema(random, depth - 1), anySchema(random, depth - 1)] }), 0.3),
      ...maybe(random, () => ({ minItems })),
      ...maybe(random, () => ({ maxItems: minItems + count(random, 3) })),
    };
  },
  (random, depth) => ({ anyOf: [anySchema(random, depth - 1), anySchema(random, depth - 1)] }),
  (random, depth) => ({ allOf: [object(random, depth - 1), object(random, depth - 1)] }),
  (random, depth) => ({ ...object(random, depth - 1), anyOf: [object(random, depth - 1), { required: ['a'] }] }),
  (random, depth) => ({ oneOf: ['x', 'y', 'z'].map((kind) => tagged(random, depth, kind)) }),
  (random) => ({
    oneOf: [{ type: 'integer', ...range(random, 1) }, { type: 'string', ...lengths(random) }, { type: 'null' }],
  }),
  (random) => ({
    allOf: [
      { type: 'string', pattern: pick(random, PATTERNS) },
      { pattern: pick(random, PATTERNS), maxLength: 9 },
    ],
  }),
  (random) => ({
    allOf: [
      { type: ['number', 'null'], ...range(random, 0.5) },
      { type: 'integer', ...range(random, 1) },
    ],
  }),
  () => ({ $ref: '#/$defs/leaf' }),
  () => ({ $ref: '#/$defs/tree' }),
  () => ({ $ref: '#/$defs/list' }),
  (random, depth) => ({ $ref: '#/$defs/tree', ...object(random, depth - 1) }),
];

function tagged(random: Random, depth: number, kind: string): Schema {
  const schema = object(random, depth - 1);
  return { ...schema, properties: { ...(schema.properties as object), kind: { const: kind } }, required: ['kind'] };
}

function object(random: Random, depth: number): Record<string, unknown> {
  const names = NAMES.filter(() => random() < 0.35);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, anySchema(random, Math.max(0, depth - 1))])),
    ...maybe(random, () => ({ required: NAMES.filter(() => random() < 0.2) })),
    ...maybe(random, () => ({ additionalProperties: random() < 0.5 ? random() < 0.5 : anySchema(random, 0) }), 0.4),
    ...maybe(random, () => ({ minProperties: count(random, 3) }), 0.2),
    ...maybe(random, () => ({ maxProperties: 1 + count(random, 4) }), 0.2),
  };
}
