// What the file of a function's alias has to say, made of the function's own file: the same arguments, defaults, result, volatility and cost.

import { basename } from 'node:path';

/** Why these have none: nobody who types a short name calls them. */
export const WITHOUT_ALIAS: Readonly<Record<string, string>> = {
  steadytext_user_id: 'policies ask it',
  steadytext_rebind_users: 'an administrator calls it once, after a restore',
  steadytext_queue_counts: 'monitors ask it',
  steadytext_finished_counts: 'monitors ask it',
};

const HEAD =
  /^create or replace (function|procedure) @extschema@\.(steadytext_\w+)\(([\s\S]*?)\)\n((?:returns [\s\S]*?\n)?)language \w+([^\n]*)\n([\s\S]*?)as \$\$\n/m;

export function aliasPathOf(path: string): string {
  return `sql/api/aliases/${basename(path).replace(/^steadytext_/, 'st_')}`;
}

/** Null for what is no function or procedure, such as an aggregate: its alias is written by hand. */
export function aliasFileOf(text: string): string | null {
  const [, kind, name, inside, returns, traits, settings] = HEAD.exec(text) ?? [];
  if (kind === undefined) return null;
  const alias = name!.replace(/^steadytext_/, 'st_');
  const called = `@extschema@.${name}(${namesOf(inside!).join(', ')})`;
  // Of a set of single values each comes as soon as it is there in the select list alone.
  const rows = /^returns table/.test(returns!) ? `select * from ${called}` : `select ${called}`;
  // One without a pinned search_path needs the caller's, or commits; a procedure that commits cannot be called by one in SQL.
  const pinned = /^set search_path.*\n/m.exec(settings!)?.[0] ?? '';
  const inBlock = (verb: string) => ['plpgsql', `begin\n${wrapped(`${verb} ${called}`)};\nend`];
  // Of nothing a function in SQL gives a null, and one in PL/pgSQL what there is of it.
  const [language, body] =
    kind === 'procedure'
      ? inBlock('call')
      : /^returns void/.test(returns!)
        ? inBlock('perform')
        : ['sql', wrapped(rows)];
  return `-- ${name} under its short name. Made of that one's file, with which a test compares it.
create or replace ${kind} @extschema@.${alias}(${inside})
${returns}language ${language}${traits!.replace(' security definer', '')}
${pinned}as $$
${body}
$$;

revoke all on ${kind} @extschema@.${alias} from public;
comment on ${kind} @extschema@.${alias} is 'Short for ${name}.';
`;
}

/** Names of the arguments that are passed in, and of those that go both ways. */
function namesOf(inside: string): string[] {
  const plain = inside.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/\([^()]*\)/g, '');
  return plain
    .split(',')
    .map((argument) => argument.trim().replace(/^(inout|variadic) /, ''))
    .filter((argument) => argument !== '' && !argument.startsWith('out '))
    .map((argument) => argument.split(/\s/)[0]!);
}

const WIDEST = 120;

function wrapped(statement: string): string {
  const lines: string[] = [];
  for (const word of statement.split(/(?<=, )/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`  ${word}`);
    else if (last.length + word.trimEnd().length <= WIDEST) lines[lines.length - 1] = last + word;
    else lines.push(`    ${word}`);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
