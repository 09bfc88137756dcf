// The keywords of JSON Schema draft 2020-12: what may stand in each, and which are refused by name.

export const TYPE_NAMES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;

export type TypeName = (typeof TYPE_NAMES)[number];

export type Shape =
  | 'anything'
  | 'schema'
  | 'schemas'
  | 'named schemas'
  | 'root only'
  | 'string'
  | 'strings'
  | 'boolean'
  | 'number'
  | 'count'
  | 'positive whole number'
  | 'values'
  | 'types'
  | 'format'
  | 'dialect';

export const KEYWORDS: Readonly<Record<string, Shape>> = {
  $schema: 'dialect',
  $id: 'root only',
  $comment: 'anything',
  title: 'anything',
  description: 'anything',
  default: 'anything',
  examples: 'anything',
  deprecated: 'boolean',
  readOnly: 'boolean',
  writeOnly: 'boolean',
  $defs: 'named schemas',
  definitions: 'named schemas',
  $ref: 'string',
  type: 'types',
  enum: 'values',
  const: 'anything',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  properties: 'named schemas',
  required: 'strings',
  additionalProperties: 'schema',
  minProperties: 'count',
  maxProperties: 'count',
  prefixItems: 'schemas',
  items: 'schema',
  minItems: 'count',
  maxItems: 'count',
  minLength: 'count',
  maxLength: 'count',
  pattern: 'string',
  format: 'format',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'positive whole number',
};

/** Words of the draft that are refused; every other word is refused as unknown. */
export const NOT_SUPPORTED: ReadonlySet<string> = new Set([
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$vocabulary',
  'additionalItems',
  'contains',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'else',
  'if',
  'maxContains',
  'minContains',
  'not',
  'patternProperties',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
  'uniqueItems',
]);

/** Which type a keyword speaks of: where a schema has no type, the types that its keywords speak of are generated. */
export const TYPE_OF_KEYWORD: Readonly<Record<string, readonly TypeName[]>> = {
  object: ['object'],
  properties: ['object'],
  required: ['object'],
  additionalProperties: ['object'],
  minProperties: ['object'],
  maxProperties: ['object'],
  prefixItems: ['array'],
  items: ['array'],
  minItems: ['array'],
  maxItems: ['array'],
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  format: ['string'],
  minimum: ['number'],
  maximum: ['number'],
  exclusiveMinimum: ['number'],
  exclusiveMaximum: ['number'],
  multipleOf: ['number'],
};
