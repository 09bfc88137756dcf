// What schemas that hold together ask of each type, put together: the strictest of all of them.

import type { Bound, NumberRange } from '../automata/numbers.ts';
import type { Alternative } from './alternatives.ts';
import { TYPE_NAMES, TYPE_OF_KEYWORD, type TypeName } from './keywords.ts';
import { type Located, under } from './located.ts';

export interface Types {
  /** Integer is among them only where no other number is allowed. */
  readonly names: ReadonlySet<TypeName>;
  /** No keyword speaks of a type: a value of any. */
  readonly any: boolean;
}

export function typesOf({ pieces }: Alternative): Types {
  const stated = pieces.flatMap(({ schema }) => (schema.type === undefined ? [] : [namesIn(schema.type)]));
  if (stated.length > 0) return { names: stated.reduce(commonTypes), any: false };
  const spoken = pieces.flatMap(({ schema }) =>
    Object.keys(schema).flatMap((keyword) => TYPE_OF_KEYWORD[keyword] ?? []),
  );
  const names = new Set(spoken.length > 0 ? spoken : TYPE_NAMES.filter((name) => name !== 'integer'));
  return { names, any: spoken.length === 0 };
}

function namesIn(type: unknown): Set<TypeName> {
  const names = new Set((Array.isArray(type) ? type : [type]) as TypeName[]);
  if (names.has('number')) names.delete('integer');
  return names;
}

function commonTypes(a: Set<TypeName>, b: Set<TypeName>): Set<TypeName> {
  const common = new Set([...a].filter((name) => b.has(name)));
  const isNumeric = (names: Set<TypeName>) => names.has('integer') || names.has('number');
  if (isNumeric(a) && isNumeric(b) && !common.has('number')) common.add('integer');
  return common;
}

export function greatest({ pieces }: Alternative, keyword: string, otherwise: number): number {
  return Math.max(otherwise, ...pieces.map(({ schema }) => (schema[keyword] as number | undefined) ?? otherwise));
}

export function least({ pieces }: Alternative, keyword: string): number {
  const given = pieces.map(({ schema }) => (schema[keyword] as number | undefined) ?? Number.POSITIVE_INFINITY);
  return Math.min(Number.POSITIVE_INFINITY, ...given);
}

/** The values of a keyword, with the place of each. */
export function valuesOf<Value>({ pieces }: Alternative, keyword: string): { value: Value; pointer: string }[] {
  return pieces.flatMap((piece) =>
    piece.schema[keyword] === undefined
      ? []
      : [{ value: piece.schema[keyword] as Value, pointer: under(piece, true, keyword).pointer }],
  );
}

export function rangeOf(alternative: Alternative, integer: boolean): NumberRange {
  const bounds = (inclusive: string, exclusive: string): Bound[] => [
    ...valuesOf<number>(alternative, inclusive).map(({ value }) => ({ value, exclusive: false })),
    ...valuesOf<number>(alternative, exclusive).map(({ value }) => ({ value, exclusive: true })),
  ];
  const strictest = (sign: number, all: Bound[]) =>
    all.sort((a, b) => sign * (a.value - b.value) || Number(b.exclusive) - Number(a.exclusive))[0];
  const multiples = valuesOf<number>(alternative, 'multipleOf').map(({ value }) => value);
  return {
    integer: integer || multiples.length > 0,
    low: strictest(-1, bounds('minimum', 'exclusiveMinimum')),
    high: strictest(1, bounds('maximum', 'exclusiveMaximum')),
    multipleOf: multiples.reduce((a, b) => (a / commonDivisor(a, b)) * b, 1),
  };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** What is asked of a member: by each schema its property, or else its additionalProperties. */
export function schemasOfMember({ pieces }: Alternative, name: string): Located[] {
  return pieces.flatMap((piece) => {
    const { properties, additionalProperties } = piece.schema;
    if (properties && Object.hasOwn(properties as object, name))
      return [under(piece, (properties as Record<string, unknown>)[name], 'properties', name)];
    return additionalProperties === undefined ? [] : [under(piece, additionalProperties, 'additionalProperties')];
  });
}

/** What is asked of an item: by each schema the one of its place in prefixItems, or else its items. */
export function schemasOfItem({ pieces }: Alternative, index: number): Located[] {
  return pieces.flatMap((piece) => {
    const { prefixItems, items } = piece.schema;
    const own = (prefixItems as readonly unknown[] | undefined)?.[index];
    if (own !== undefined) return [under(piece, own, 'prefixItems', index)];
    return items === undefined ? [] : [under(piece, items, 'items')];
  });
}

/** The values of enum or const, those of one of the schemas. */
export function literalsOf({ pieces }: Alternative): readonly unknown[] | undefined {
  for (const { schema } of pieces) {
    if (Object.hasOwn(schema, 'const')) return [schema.const];
    if (schema.enum) return schema.enum as unknown[];
  }
  return undefined;
}
