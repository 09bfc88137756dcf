// A schema without choices and references: $ref and allOf are put beside the rest, anyOf and oneOf become alternatives.

import { LIMITS } from '../limits.ts';
import { at, pointerTo, tooLarge, unsupported } from '../refusals.ts';
import { Impossible } from './impossible.ts';
import { isTooDeep, type Located, type SchemaObject, under } from './located.ts';
import type { SchemaContext } from './schema-context.ts';

/** Schemas that must hold together; only their own keywords count, those that lead to other schemas are followed already. */
export interface Alternative {
  readonly pieces: readonly (Located & { readonly schema: SchemaObject })[];
  readonly pointer: string;
  readonly depth: number;
}

interface Choice {
  readonly keyword: 'anyOf' | 'oneOf';
  readonly of: Located;
}

/** All the ways to satisfy some schemas at once; none of them is known to be possible. */
export function alternativesOf(
  context: SchemaContext,
  together: readonly Located[],
): readonly Alternative[] | Impossible {
  const { pointer } = together[0]!;
  const depth = Math.max(...together.map((located) => located.depth));
  return expand(context, [...together], { pieces: [], pointer, depth });
}

function expand(
  context: SchemaContext,
  waiting: readonly (Located | Choice)[],
  so: Alternative,
): readonly Alternative[] | Impossible {
  const todo = [...waiting];
  const pieces = [...so.pieces];
  const choices: Choice[] = [];
  let depth = so.depth;
  for (let next = todo.shift(); next; next = todo.shift()) {
    context.fuel.spend(20, at(so.pointer));
    if ('keyword' in next) {
      choices.push(next);
      if (choices.length > LIMITS.alternatives)
        throw tooLarge(at(so.pointer), `more than ${LIMITS.alternatives} anyOf and oneOf that hold together`);
      continue;
    }
    if (isTooDeep(next)) {
      context.leftOut++;
      return new Impossible(next.pointer, `it is nested in itself more than ${LIMITS.references} deep`);
    }
    depth = Math.max(depth, next.depth);
    const { schema } = next;
    if (schema === true) continue;
    if (schema === false) return new Impossible(next.pointer, 'false allows nothing');
    pieces.push({ ...next, schema });
    if (schema.$ref !== undefined) todo.push(context.document.referred(next));
    for (const [i, part] of listOf(schema.allOf).entries()) todo.push(under(next, part, 'allOf', i));
    for (const keyword of ['anyOf', 'oneOf'] as const) if (schema[keyword]) todo.push({ keyword, of: next });
  }
  const done = { pieces, pointer: so.pointer, depth };
  const [choice, ...later] = choices;
  return choice ? chosen(context, choice, later, done) : [done];
}

function chosen(context: SchemaContext, choice: Choice, later: readonly Choice[], so: Alternative) {
  const { keyword, of } = choice;
  const options = listOf((of.schema as SchemaObject)[keyword]).map((option, i) => under(of, option, keyword, i));
  const before = context.leftOut;
  const groups = options.map((option) => expand(context, [option, ...later], so));
  const possible = groups.map(listed);
  const all = possible.flat();
  if (all.length > LIMITS.alternatives)
    throw tooLarge(at(of.pointer), `more than ${LIMITS.alternatives} combinations of anyOf, oneOf and allOf`);
  if (keyword === 'oneOf' && !context.isBeyond) {
    const isWhole = context.leftOut === before;
    const allowed = isWhole ? possible : options.map((option) => beyond(context, option, later, so));
    refuseOverlap(context, of, possible, allowed);
  }
  const [first] = groups;
  if (all.length === 0 && first instanceof Impossible)
    return new Impossible(first.pointer, `${first.why}, and so is no other branch of ${keyword} possible`);
  return all;
}

/**
 * What a branch allows, also of what is too deep to be written, as if it began here. Undefined where that has no end either.
 * oneOf counts as anyOf in it, which allows more.
 */
function beyond(context: SchemaContext, option: Located, later: readonly Choice[], so: Alternative) {
  const before = context.leftOut;
  context.isBeyond = true;
  const choices = later.map(({ keyword, of }) => ({ keyword, of: { ...of, depth: 0 } }));
  const group = expand(context, [{ ...option, depth: 0 }, ...choices], so);
  context.isBeyond = false;
  return context.leftOut === before ? listed(group) : undefined;
}

function listed(group: readonly Alternative[] | Impossible): readonly Alternative[] {
  return group instanceof Impossible ? [] : group;
}

/** What is written for a branch must not be valid in what another one allows. */
function refuseOverlap(
  context: SchemaContext,
  of: Located,
  written: readonly (readonly Alternative[])[],
  allowed: readonly (readonly Alternative[] | undefined)[],
): void {
  for (const [i, left] of written.entries())
    for (const [k, right] of allowed.entries())
      if (i !== k && left.some((a) => !right || right.some((b) => !context.rejects(a, b))))
        throw unsupported(
          at(pointerTo(of.pointer, 'oneOf')),
          `expected branches that exclude each other, but what is written for branch ${i} may be valid in branch ${k} too`,
          'Use anyOf, or give all branches a required property with a different const in each.',
        );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
