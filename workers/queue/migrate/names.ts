// The names an installation gives to its schemas, roles and channels, and the placeholders that stand for them in SQL files.
import { SteadyTextError } from '../../errors.ts';

export interface Names {
  readonly extschema: string;
  readonly privschema: string;
  readonly bossschema: string;
  readonly roleprefix: string;
  readonly channelprefix: string;
}

/** Unquoted identifiers, so that they can stand in SQL text as they are; short enough that no derived name passes 63 bytes. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;
const PREFIX = /^([a-z_][a-z0-9_]{0,40})?$/;

export function namesOf(schema = 'steadytext', rolePrefix = ''): Names {
  check('schema name', schema, SCHEMA);
  check('role prefix', rolePrefix, PREFIX);
  const base = schema === 'public' ? 'steadytext' : schema;
  return Object.freeze({
    extschema: schema,
    privschema: `${base}_private`,
    bossschema: `${base}_boss`,
    roleprefix: rolePrefix,
    channelprefix: base === 'steadytext' ? '' : `${schema}_`,
  });
}

/** The SQL of a file with every placeholder replaced; one that does not exist is a mistake in the file. */
export function fillPlaceholders(text: string, names: Names, file: string): string {
  return text.replaceAll(/@([a-z_]+)@/g, (placeholder, name: string) => {
    if (Object.hasOwn(names, name)) return names[name as keyof Names];
    const known = Object.keys(names).map((key) => `@${key}@`);
    throw new SteadyTextError(
      'StatementFailed',
      `${file} should use the placeholders ${known.join(', ')} only, but has ${placeholder}`,
      {
        hint: 'Correct the placeholder in the file.',
      },
    );
  });
}

function check(what: string, value: string, pattern: RegExp): void {
  if (pattern.test(value) && !value.startsWith('pg_')) return;
  throw new SteadyTextError(
    'InvalidConfiguration',
    `The ${what} should be up to 41 lower-case letters, digits and underscores, not beginning with a digit or pg_, but is ${JSON.stringify(value)}`,
    { hint: 'Choose another with --schema or --role-prefix.' },
  );
}
