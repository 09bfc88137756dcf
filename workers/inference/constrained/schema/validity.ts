// Whether a value is valid in a schema: for the values of enum and const, and for what excludes what.

import { matches } from '../automata/text-dfa.ts';
import { at } from '../refusals.ts';
import { remembered } from '../remembered.ts';
import { isTooDeep, type Located, type SchemaObject, under } from './located.ts';
import type { SchemaContext } from './schema-context.ts';

/**
 * A format is known by a part of its texts only. `surely`: valid even so; `perhaps`: not surely invalid, as for a format
 * that is no more than an annotation.
 */
export type Certainty = 'surely' | 'perhaps';

export function isValid(context: SchemaContext, value: unknown, located: Located, how: Certainty): boolean {
  const { schema } = located;
  context.fuel.spend(20, at(located.pointer));
  if (typeof schema === 'boolean') return schema;
  const inside = (part: unknown, other: unknown, ...steps: (string | number)[]) =>
    isValid(context, part, under(located, other, ...steps), how);
  if (schema.$ref !== undefined) {
    const target = context.document.referred(located);
    if (isTooDeep(target) ? how === 'surely' : !isValid(context, value, target, how)) return false;
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) return false;
  if (schema.enum && !isAmong(schema.enum as unknown[], value)) return false;
  if (Object.hasOwn(schema, 'const') && sorted(schema.const) !== sorted(value)) return false;
  if (!list(schema.allOf).every((part, i) => inside(value, part, 'allOf', i))) return false;
  if (schema.anyOf && !list(schema.anyOf).some((part, i) => inside(value, part, 'anyOf', i))) return false;
  if (schema.oneOf && !isValidInOne(context, value, located, how)) return false;
  if (typeof value === 'number') return isNumberIn(value, schema);
  if (typeof value === 'string') return isTextIn(context, value, located, how);
  if (Array.isArray(value))
    return isCount(value.length, schema.minItems, schema.maxItems) && areItemsIn(value, schema, inside);
  return value === null || typeof value !== 'object' || isObjectIn(value, schema, inside);
}

type Inside = (part: unknown, schema: unknown, ...steps: (string | number)[]) => boolean;

function isValidInOne(context: SchemaContext, value: unknown, located: Located, how: Certainty): boolean {
  const branches = list((located.schema as SchemaObject).oneOf).map((branch, i) => under(located, branch, 'oneOf', i));
  const perhaps = branches.filter((branch) => isValid(context, value, branch, 'perhaps'));
  if (how === 'perhaps') return perhaps.length > 0;
  return perhaps.length === 1 && isValid(context, value, perhaps[0]!, 'surely');
}

function hasType(value: unknown, type: unknown): boolean {
  return list(Array.isArray(type) ? type : [type]).some((name) => {
    if (name === 'integer') return Number.isInteger(value);
    if (name === 'null') return value === null;
    if (name === 'array') return Array.isArray(value);
    if (name === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
    return typeof value === name;
  });
}

function isNumberIn(value: number, schema: SchemaObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<
    string,
    number | undefined
  >;
  if (minimum !== undefined && value < minimum) return false;
  if (maximum !== undefined && value > maximum) return false;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return false;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return false;
  return multipleOf === undefined || Number.isInteger(value / multipleOf);
}

function isTextIn(context: SchemaContext, value: string, located: Located, how: Certainty): boolean {
  const { minLength, maxLength, pattern, format } = located.schema as SchemaObject;
  if (!isCount([...value].length, minLength, maxLength)) return false;
  context.fuel.spend(value.length, at(located.pointer));
  if (pattern !== undefined) {
    const texts = context.pattern(pattern as string, located.pointer);
    if (!texts || !matches(texts, value)) return false;
  }
  if (format === undefined || how === 'perhaps') return true;
  const texts = context.format(format as string, located.pointer);
  return texts !== undefined && matches(texts, value);
}

function areItemsIn(value: readonly unknown[], schema: SchemaObject, inside: Inside): boolean {
  const prefix = list(schema.prefixItems);
  return value.every((item, i) => {
    if (i < prefix.length) return inside(item, prefix[i], 'prefixItems', i);
    return schema.items === undefined || inside(item, schema.items, 'items');
  });
}

function isObjectIn(value: object, schema: SchemaObject, inside: Inside): boolean {
  const members = Object.entries(value);
  if (!isCount(members.length, schema.minProperties, schema.maxProperties)) return false;
  if (!list(schema.required).every((name) => Object.hasOwn(value, name as string))) return false;
  const properties = (schema.properties ?? {}) as SchemaObject;
  return members.every(([name, member]) => {
    if (Object.hasOwn(properties, name)) return inside(member, properties[name], 'properties', name);
    return (
      schema.additionalProperties === undefined || inside(member, schema.additionalProperties, 'additionalProperties')
    );
  });
}

function isCount(count: number, min: unknown, max: unknown): boolean {
  return (
    count >= ((min as number | undefined) ?? 0) && count <= ((max as number | undefined) ?? Number.POSITIVE_INFINITY)
  );
}

const known = new WeakMap<readonly unknown[], ReadonlySet<string>>();

/** Equal as JSON. */
function isAmong(values: readonly unknown[], value: unknown): boolean {
  return remembered(known, values, () => new Set(values.map(sorted))).has(sorted(value));
}

/** As JSON, members in the order of their names. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
