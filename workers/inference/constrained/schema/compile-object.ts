// Objects: the declared members in the order of the schema, then others where additionalProperties is given.

import { without } from '../automata/combine.ts';
import { encoded } from '../automata/encode-texts.ts';
import { textsOf, textsOfLength } from '../automata/text-dfa.ts';
import { ANY } from '../code-points.ts';
import type { Expression } from '../expression/node.ts';
import { LIMITS } from '../limits.ts';
import { at, tooLarge, unsupported } from '../refusals.ts';
import type { Alternative } from './alternatives.ts';
import { greatest, least, schemasOfMember, valuesOf } from './facets.ts';
import { Impossible } from './impossible.ts';
import { anything, type Located } from './located.ts';
import type { Compiled, SchemaContext } from './schema-context.ts';

interface Member {
  readonly name: string;
  readonly value: Expression;
  readonly required: boolean;
}

interface Plan {
  readonly members: readonly Member[];
  /** A member of another name. */
  readonly other: Expression | undefined;
  readonly min: number;
  readonly max: number;
  /** Above so many members their number does not matter any more. */
  readonly counted: number;
}

export function compileObject(context: SchemaContext, alternative: Alternative): Compiled {
  const required = new Set(valuesOf<string[]>(alternative, 'required').flatMap(({ value }) => value));
  const declared = valuesOf<object>(alternative, 'properties').flatMap(({ value }) => Object.keys(value));
  const names = [...new Set([...declared, ...required])];
  if (names.length > LIMITS.properties)
    throw tooLarge(at(alternative.pointer), `${names.length} properties (limit ${LIMITS.properties})`);
  const members: Member[] = [];
  for (const name of names) {
    const schemas = schemasOfMember(alternative, name);
    const value = context.compile(
      context,
      schemas.length > 0 ? schemas : [anything(alternative.pointer, alternative.depth)],
    );
    if (!(value instanceof Impossible)) members.push({ name, value, required: required.has(name) });
    else if (required.has(name))
      return new Impossible(value.pointer, `the property ${JSON.stringify(name)} is required and ${value.why}`);
  }
  const [min, max] = [greatest(alternative, 'minProperties', 0), least(alternative, 'maxProperties')];
  const other = otherMember(context, alternative, names);
  if (min > members.length + 1 && other)
    throw unsupported(
      at(alternative.pointer),
      'minProperties above the number of declared properties by more than one is not supported: names of others may come twice',
    );
  const matters =
    min > required.size || max < members.length || (other !== undefined && max < Number.POSITIVE_INFINITY);
  const plan = { members, other, min: matters ? min : 0, max, counted: matters ? members.length : 1 };
  const rest = membersFrom(context, plan);
  if (!rest)
    return new Impossible(alternative.pointer, `no choice of its properties has between ${min} and ${max} of them`);
  return context.all.all(['{', rest]);
}

/** From each member on, and from each number of members before it. */
function membersFrom(context: SchemaContext, plan: Plan): Expression | undefined {
  const { all } = context;
  const { members, max, counted } = plan;
  let later = Array.from({ length: counted + 1 }, (_, count) => afterDeclared(context, plan, count));
  for (const { name, value, required } of [...members].reverse()) {
    const [first, further] = ['', ','].map((before) => all.all([`${before}${JSON.stringify(name)}:`, value]));
    later = later.map((without, count) => {
      const options: Expression[] = [];
      const next = count < max ? later[Math.min(count + 1, counted)] : undefined;
      if (next) options.push(all.sequence(count > 0 ? further! : first!, next));
      if (!required && without) options.push(without);
      return options.length > 0 ? all.either(options) : undefined;
    });
  }
  return later[0];
}

/** One other member is never a second one of its name, so that one may be needed; more may not. */
function afterDeclared({ all }: SchemaContext, { other, min, max }: Plan, count: number): Expression | undefined {
  const [missing, room] = [min - count, max - count];
  if (room < Math.max(0, missing) || missing > (other ? 1 : 0)) return undefined;
  if (!other || room === 0) return all.text('}');
  const more = all.all([',', other]);
  const some = all.all([count > 0 ? more : other, all.repeat(more, 0, room - 1), '}']);
  if (missing > 0) return some;
  return count > 0 ? all.all([all.repeat(more, 0, room), '}']) : all.either([all.text('}'), some]);
}

/** Where a schema speaks of additionalProperties, or of no property at all; never where one forbids them. */
function otherMember(
  context: SchemaContext,
  alternative: Alternative,
  names: readonly string[],
): Expression | undefined {
  const { all, fuel } = context;
  const { pieces, pointer, depth } = alternative;
  const schemas: Located[] = pieces.flatMap((piece) => {
    const { additionalProperties } = piece.schema;
    return additionalProperties === undefined
      ? []
      : [
          {
            ...piece,
            schema: additionalProperties as Located['schema'],
            pointer: `${piece.pointer}/additionalProperties`,
          },
        ];
  });
  const isFree = names.length === 0 && !pieces.some(({ schema }) => schema.properties);
  if (schemas.length === 0 && !isFree) return undefined;
  const given = schemas.filter(({ schema }) => !isEverything(schema));
  const value = context.compile(context, given.length > 0 ? given : [anything(pointer, depth)]);
  if (value instanceof Impossible) return undefined;
  const place = at(pointer);
  const texts = without(textsOfLength(1, Number.POSITIVE_INFINITY, ANY), textsOf(names), fuel, place)!;
  const name =
    names.length === 0 ? all.string(1, Number.POSITIVE_INFINITY) : all.automaton(encoded(texts, 'json', fuel, place));
  return all.all(['"', name, ':', value]);
}

function isEverything(schema: Located['schema']): boolean {
  return schema === true || (typeof schema === 'object' && Object.keys(schema).length === 0);
}
