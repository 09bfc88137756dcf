// A JSON Schema as an expression: compact JSON, members in the order of the schema, one way to write each character.

import type { Expressions } from '../expression/expressions.ts';
import { oneOfTexts } from '../expression/literals.ts';
import type { Expression } from '../expression/node.ts';
import { type Fuel, LIMITS } from '../limits.ts';
import { at, impossible, tooLarge, unsupported } from '../refusals.ts';
import { type Alternative, alternativesOf } from './alternatives.ts';
import { isTypeName } from './check-schema.ts';
import { compileArray } from './compile-array.ts';
import { compileObject } from './compile-object.ts';
import { compileNumber, compileString } from './compile-text.ts';
import { rejects } from './exclusion.ts';
import { literalsOf, typesOf } from './facets.ts';
import { Impossible } from './impossible.ts';
import type { TypeName } from './keywords.ts';
import { type Located, SchemaDocument } from './located.ts';
import { type Compiled, SchemaContext } from './schema-context.ts';
import { isValid } from './validity.ts';

/** A schema, or the plain name of a type. */
export function compileSchema(all: Expressions, schema: unknown, fuel: Fuel): Expression {
  const whole = isTypeName(schema) ? { type: schema } : schema;
  if (typeof whole === 'string')
    throw unsupported(at(''), `expected a schema or the name of a type, ${JSON.stringify(whole)} came`);
  const bytes = Buffer.byteLength(JSON.stringify(whole) ?? '');
  if (bytes > LIMITS.schemaBytes) throw tooLarge(at(''), `${bytes} bytes (limit ${LIMITS.schemaBytes})`);
  const context = new SchemaContext(new SchemaDocument(whole), all, fuel, compile, rejects);
  const compiled = compile(context, [context.document.root]);
  if (compiled instanceof Impossible) throw impossible(at(compiled.pointer), compiled.why);
  return compiled;
}

function compile(context: SchemaContext, together: readonly Located[]): Compiled {
  const key = together.map(({ schema, pointer, depth }) => `${schema === true ? '' : pointer} ${depth}`).join('\n');
  const known = context.compiled.get(key);
  if (known) return known;
  const compiled = compileOnce(context, together);
  context.compiled.set(key, compiled);
  return compiled;
}

function compileOnce(context: SchemaContext, together: readonly Located[]): Compiled {
  const alternatives = alternativesOf(context, together);
  if (alternatives instanceof Impossible) return alternatives;
  return any(
    context,
    alternatives.map((alternative) => compileAlternative(context, alternative)),
  );
}

/** Those that are possible; if none is, the first tells why. */
function any({ all }: SchemaContext, options: readonly Compiled[]): Compiled {
  const possible = options.filter((option): option is Expression => !(option instanceof Impossible));
  return possible.length > 0 ? all.either(possible) : options[0]!;
}

function compileAlternative(context: SchemaContext, alternative: Alternative): Compiled {
  const { names } = typesOf(alternative);
  const values = literalsOf(alternative);
  if (values) return compileValues(context, alternative, values);
  if (names.size === 0) return new Impossible(alternative.pointer, 'no type satisfies all of its schemas');
  return any(
    context,
    [...names].map((name) => compileType(context, alternative, name)),
  );
}

function compileType(context: SchemaContext, alternative: Alternative, name: TypeName): Compiled {
  switch (name) {
    case 'null':
      return context.all.text('null');
    case 'boolean':
      return oneOfTexts(context.all, ['true', 'false']);
    case 'integer':
      return compileNumber(context, alternative, true);
    case 'number':
      return compileNumber(context, alternative, false);
    case 'string':
      return compileString(context, alternative);
    case 'array':
      return compileArray(context, alternative);
    case 'object':
      return compileObject(context, alternative);
  }
}

function compileValues(context: SchemaContext, alternative: Alternative, values: readonly unknown[]): Compiled {
  const valid = values.filter((value) => alternative.pieces.every((piece) => isValid(context, value, piece, 'surely')));
  if (valid.length === 0)
    return new Impossible(alternative.pointer, 'no value of its enum or const satisfies the rest of it');
  return oneOfTexts(
    context.all,
    valid.map((value) => JSON.stringify(value)),
  );
}
