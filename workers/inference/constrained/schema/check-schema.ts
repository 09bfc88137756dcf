// Checks the words and shapes of a schema before anything is made of it: an unknown keyword is refused, never ignored.

import { LIMITS } from '../limits.ts';
import { at, pointerTo, tooLarge, unsupported } from '../refusals.ts';
import { FORMATS } from './formats.ts';
import { KEYWORDS, NOT_SUPPORTED, type Shape, TYPE_NAMES } from './keywords.ts';

export class SchemaCheck {
  readonly #checked = new Set<string>();

  schema(schema: unknown, pointer: string, depth: number): void {
    if (this.#checked.has(pointer)) return;
    this.#checked.add(pointer);
    if (depth > LIMITS.schemaDepth) throw tooLarge(at(pointer), `schemas nested more than ${LIMITS.schemaDepth} deep`);
    if (typeof schema === 'boolean') return;
    if (!isObject(schema))
      throw unsupported(at(pointer), `expected a schema (an object, true or false), ${shown(schema)} came`);
    for (const [keyword, value] of Object.entries(schema)) {
      if (!Object.hasOwn(KEYWORDS, keyword)) throw unsupported(at(pointer), messageFor(keyword));
      this.#value(KEYWORDS[keyword]!, value, pointerTo(pointer, keyword), depth);
    }
  }

  #value(shape: Shape, value: unknown, pointer: string, depth: number): void {
    const refuse = (expected: string) => unsupported(at(pointer), `expected ${expected}, ${shown(value)} came`);
    switch (shape) {
      case 'anything':
        return;
      case 'schema':
        this.schema(value, pointer, depth + 1);
        return;
      case 'schemas':
        if (!Array.isArray(value) || value.length === 0) throw refuse('a list of schemas');
        for (const [i, schema] of value.entries()) this.schema(schema, pointerTo(pointer, i), depth + 1);
        return;
      case 'named schemas':
        if (!isObject(value)) throw refuse('an object of schemas');
        for (const [name, schema] of Object.entries(value)) this.schema(schema, pointerTo(pointer, name), depth + 1);
        return;
      case 'root only':
        if (pointer.split('/').length > 2) throw refuse('it at the root of the schema only');
        return;
      default:
        if (!SIMPLE[shape].test(value)) throw refuse(SIMPLE[shape].expected);
    }
  }
}

type Simple = Exclude<Shape, 'anything' | 'schema' | 'schemas' | 'named schemas' | 'root only'>;

const DIALECTS = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07)\/schema#?$/;

const SIMPLE: Readonly<Record<Simple, { readonly expected: string; readonly test: (value: unknown) => boolean }>> = {
  string: { expected: 'a text', test: isText },
  strings: { expected: 'a list of texts', test: (value) => Array.isArray(value) && value.every(isText) },
  boolean: { expected: 'true or false', test: (value) => typeof value === 'boolean' },
  number: { expected: 'a number', test: (value) => Number.isFinite(value) },
  count: { expected: 'a whole number from 0 on', test: (value) => Number.isInteger(value) && (value as number) >= 0 },
  'positive whole number': {
    expected: 'a whole number above 0 (others are not exact)',
    test: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  },
  values: { expected: 'a list of values', test: (value) => Array.isArray(value) && value.length > 0 },
  types: {
    expected: `a type or a list of types out of ${TYPE_NAMES.join(', ')}`,
    test: (value) => isTypeName(value) || (Array.isArray(value) && value.length > 0 && value.every(isTypeName)),
  },
  format: {
    expected: `a format out of ${Object.keys(FORMATS).join(', ')}`,
    test: (value) => isText(value) && Object.hasOwn(FORMATS, value),
  },
  dialect: { expected: 'draft 2020-12', test: (value) => isText(value) && DIALECTS.test(value) },
};

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isTypeName(value: unknown): boolean {
  return TYPE_NAMES.some((name) => name === value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageFor(keyword: string): string {
  const is = NOT_SUPPORTED.has(keyword) ? 'not supported' : 'unknown';
  return `the keyword ${JSON.stringify(keyword)} is ${is}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
