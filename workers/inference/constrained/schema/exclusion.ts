// Whether branches of oneOf exclude each other: proven from what they require, never assumed.

import { at } from '../refusals.ts';
import { type Alternative, alternativesOf } from './alternatives.ts';
import { textsIn } from './compile-text.ts';
import { greatest, least, literalsOf, rangeOf, schemasOfItem, schemasOfMember, typesOf, valuesOf } from './facets.ts';
import { Impossible } from './impossible.ts';
import type { TypeName } from './keywords.ts';
import type { Located } from './located.ts';
import type { SchemaContext } from './schema-context.ts';
import { isValid } from './validity.ts';

/** Whether nothing that is written for the first is valid in the second. No: not known. */
export function rejects(context: SchemaContext, first: Alternative, second: Alternative): boolean {
  context.fuel.spend(100, at(first.pointer));
  const isIn = (value: unknown, { pieces }: Alternative) =>
    pieces.every((piece) => isValid(context, value, piece, 'perhaps'));
  const values = literalsOf(first);
  if (values) return !values.some((value) => isIn(value, first) && isIn(value, second));
  if (literalsOf(second)?.some((value) => isIn(value, first)) === false) return true;
  const allowed = allowedTypes(second);
  return [...typesOf(first).names].every((name) => !allowed.has(name) || differs(context, name, first, second));
}

/** Types that the schemas allow: all of them where none is stated, whatever their keywords speak of. */
function allowedTypes(alternative: Alternative): ReadonlySet<TypeName> {
  const stated = alternative.pieces.filter(({ schema }) => schema.type !== undefined);
  const names = stated.length > 0 ? typesOf({ ...alternative, pieces: stated }).names : undefined;
  const all = new Set<TypeName>(names ?? ['null', 'boolean', 'number', 'string', 'array', 'object']);
  if (all.has('number')) all.add('integer');
  if (all.has('integer')) all.add('number'); // a number may be a whole one
  return all;
}

function differs(context: SchemaContext, name: TypeName, a: Alternative, b: Alternative): boolean {
  switch (name) {
    case 'integer':
    case 'number':
      return rangesDiffer(a, b);
    case 'string':
      return textsDiffer(context, a, b);
    case 'array':
      return arraysDiffer(context, a, b);
    case 'object':
      return objectsDiffer(context, a, b);
    default:
      return false;
  }
}

function rangesDiffer(a: Alternative, b: Alternative): boolean {
  const [left, right] = [rangeOf(a, false), rangeOf(b, false)];
  const isBelow = (high: typeof left.high, low: typeof left.low) =>
    high !== undefined &&
    low !== undefined &&
    (high.value < low.value || (high.value === low.value && (high.exclusive || low.exclusive)));
  return isBelow(left.high, right.low) || isBelow(right.high, left.low);
}

function textsDiffer(context: SchemaContext, a: Alternative, b: Alternative): boolean {
  // What the second allows is more than the texts that its format is known by.
  return context.both(textsIn(context, a), textsIn(context, b, false), a.pointer) === undefined;
}

function arraysDiffer(context: SchemaContext, a: Alternative, b: Alternative): boolean {
  const min = greatest(a, 'minItems', 0);
  if (min > least(b, 'maxItems') || greatest(b, 'minItems', 0) > least(a, 'maxItems')) return true;
  const places = Math.max(
    1,
    ...[a, b].flatMap((side) => valuesOf<unknown[]>(side, 'prefixItems').map(({ value }) => value.length + 1)),
  );
  for (let i = 0; i < Math.min(min, places); i++)
    if (schemasReject(context, schemasOfItem(a, i), schemasOfItem(b, i))) return true;
  return false;
}

function objectsDiffer(context: SchemaContext, a: Alternative, b: Alternative): boolean {
  const [written, needed] = [requiredBy(a), requiredBy(b)];
  if (written.size > least(b, 'maxProperties')) return true;
  // A property that is always written, but has another value in the second.
  for (const name of written)
    if (schemasReject(context, schemasOfMember(a, name), schemasOfMember(b, name))) return true;
  // A property that the second requires and that is never written.
  const isFree = !a.pieces.some(({ schema }) => schema.properties) && written.size === 0;
  const others = a.pieces.map(({ schema }) => schema.additionalProperties).filter((given) => given !== undefined);
  const hasOthers = (isFree || others.length > 0) && !others.includes(false);
  const declared = new Set(valuesOf<object>(a, 'properties').flatMap(({ value }) => Object.keys(value)));
  return !hasOthers && [...needed].some((name) => !declared.has(name) && !written.has(name));
}

function requiredBy(alternative: Alternative): Set<string> {
  return new Set(valuesOf<string[]>(alternative, 'required').flatMap(({ value }) => value));
}

function schemasReject(context: SchemaContext, a: readonly Located[], b: readonly Located[]): boolean {
  if (a.length === 0 || b.length === 0) return b.some(({ schema }) => schema === false);
  const left = alternativesOf(context, a);
  if (left instanceof Impossible) return true;
  const before = context.leftOut;
  const right = alternativesOf(context, b);
  // Too deep is not forbidden; what is impossible for any other reason rejects everything.
  if (context.leftOut > before) return false;
  if (right instanceof Impossible) return true;
  return left.every((x) => right.every((y) => rejects(context, x, y)));
}
