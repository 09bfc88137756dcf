// Arrays: the places of prefixItems one by one, then as many items as the counts allow.

import type { Expression } from '../expression/node.ts';
import type { Alternative } from './alternatives.ts';
import { greatest, least, schemasOfItem, valuesOf } from './facets.ts';
import { Impossible } from './impossible.ts';
import { anything } from './located.ts';
import type { Compiled, SchemaContext } from './schema-context.ts';

export function compileArray(context: SchemaContext, alternative: Alternative): Compiled {
  const { all } = context;
  const min = greatest(alternative, 'minItems', 0);
  let max = least(alternative, 'maxItems');
  const places = Math.max(0, ...valuesOf<unknown[]>(alternative, 'prefixItems').map(({ value }) => value.length));
  const prefix: Expression[] = [];
  let missing: Impossible | undefined;
  for (let i = 0; i < places && i < max; i++) {
    const item = itemAt(context, alternative, i);
    if (item instanceof Impossible) {
      missing = item;
      max = i;
    } else prefix.push(item);
  }
  const more = max > places ? itemAt(context, alternative, places) : undefined;
  if (more instanceof Impossible) {
    missing = more;
    max = places;
  }
  // Behind prefixItems nothing comes that nothing speaks of, unless the array is too short without.
  const isSpokenOf = places === 0 || schemasOfItem(alternative, places).length > 0;
  if (!isSpokenOf) max = Math.min(max, Math.max(places, min));
  if (max < min) return tooShort(alternative, min, max, missing);
  const close = all.text(']');
  let rest: Expression | undefined =
    max > places
      ? itemsFrom(context, more as Expression, { min: min - places, max: max - places, first: places === 0 })
      : close;
  for (let i = prefix.length - 1; i >= 0; i--) {
    const taken = all.all([i > 0 ? ',' : '', prefix[i]!, rest]);
    rest = i >= min ? all.either([close, taken]) : taken;
  }
  return all.all(['[', rest]);
}

function itemsFrom(
  { all }: SchemaContext,
  item: Expression,
  { min, max, first }: { min: number; max: number; first: boolean },
) {
  const more = all.all([',', item]);
  const least = Math.max(0, min);
  if (!first) return all.all([all.repeat(more, least, max), ']']);
  const some = all.all([item, all.repeat(more, Math.max(0, least - 1), max - 1), ']']);
  return least > 0 ? some : all.either([all.text(']'), some]);
}

function itemAt(context: SchemaContext, alternative: Alternative, index: number): Compiled {
  const schemas = schemasOfItem(alternative, index);
  return context.compile(context, schemas.length > 0 ? schemas : [anything(alternative.pointer, alternative.depth)]);
}

function tooShort({ pointer }: Alternative, min: number, max: number, missing: Impossible | undefined): Impossible {
  const why = `it needs at least ${min} items and can have ${max} at most`;
  return missing ? new Impossible(missing.pointer, `${why}, since here ${missing.why}`) : new Impossible(pointer, why);
}
