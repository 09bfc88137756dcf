// A schema with its place in the whole, and what $ref leads to.

import { LIMITS } from '../limits.ts';
import { at, pointerTo, unsupported } from '../refusals.ts';
import { SchemaCheck } from './check-schema.ts';

export type SchemaObject = Readonly<Record<string, unknown>>;

export interface Located {
  readonly schema: SchemaObject | boolean;
  readonly pointer: string;
  /** How many $ref led here, one in the other; a value of any type counts like one. */
  readonly depth: number;
}

/** A value of any type inside another one. */
export function anything(pointer: string, depth: number): Located {
  return { schema: true, pointer, depth: depth + 1 };
}

export function isTooDeep({ depth }: Pick<Located, 'depth'>): boolean {
  return depth > LIMITS.references;
}

export function under({ pointer, depth }: Located, schema: unknown, ...steps: (string | number)[]): Located {
  return { schema: schema as SchemaObject | boolean, pointer: pointerTo(pointer, ...steps), depth };
}

export class SchemaDocument {
  readonly root: Located;
  readonly #check = new SchemaCheck();

  constructor(schema: unknown) {
    this.#check.schema(schema, '', 0);
    this.root = { schema: schema as SchemaObject | boolean, pointer: '', depth: 0 };
  }

  /** The schema that the $ref of another one leads to, one deeper. */
  referred({ schema, pointer, depth }: Located): Located {
    const reference = (schema as SchemaObject).$ref as string;
    const refuse = (message: string) => unsupported(at(pointerTo(pointer, '$ref')), message);
    if (!/^#(\/|$)/.test(reference))
      throw refuse(`expected a reference into the same schema, like #/$defs/name, ${JSON.stringify(reference)} came`);
    let target: unknown = this.root.schema;
    let place = '';
    for (const step of reference.slice(1).split('/').slice(1)) {
      const name = unescaped(step);
      const inside = name !== undefined && typeof target === 'object' && target !== null && Object.hasOwn(target, name);
      if (!inside) throw refuse(`nothing is at ${JSON.stringify(reference)}`);
      target = (target as SchemaObject)[name];
      place = pointerTo(place, name);
    }
    this.#check.schema(target, place, 0);
    return { schema: target as SchemaObject | boolean, pointer: place, depth: depth + 1 };
  }
}

function unescaped(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}
