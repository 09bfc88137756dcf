// What a database has of a function of sql/ can only be replaced by one with the same arguments and the same result: PostgreSQL
// refuses another result or other names, and makes other types a second function. So each change needs a migration that drops.
import { expect, test } from 'vitest';
import { readText, readTree } from './source-tree.ts';

const LIST = 'test/house/signatures.json';

/** Path → the newest migration there was → what the function looked like from then on. */
type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Schema, name, arguments and result in one line; of defaults that there is one. */
function signatureOf(text: string): string | undefined {
  const head = /^create or replace function ([\s\S]*?)\nlanguage /m.exec(text)?.[1];
  return head
    ?.replaceAll(/\bdefault\s+('(?:[^']|'')*'|[^,()]+(\(\))?)/g, 'default')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('( ', '(');
}

/** The statement that drops it, which names the types of what is passed in. */
function dropOf(signature: string): string {
  const [, name, inside] = /^(\S+?)\((.*?)\)(?: returns| *$)/.exec(signature)!;
  const passed = inside!.split(', ').filter((argument) => argument !== '' && !argument.startsWith('out '));
  const types = passed.map((argument) => argument.replace(/^\S+ /, '').replace(/ default$/, ''));
  return `drop function if exists ${name}(${types.join(', ')});`;
}

const flat = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('( ', '(');

/** A sentence for each function that some database could not be brought to. */
function unreached(
  listed: Signatures,
  files: ReadonlyMap<string, string>,
  migrations: ReadonlyMap<string, string>,
): string[] {
  const numbered = [...migrations].map(([path, text]) => ({
    number: path.split('/')[1]!.slice(0, 4),
    text: flat(text),
  }));
  const newest = numbered.at(-1)!.number;
  const found: string[] = [];
  for (const path of new Set([...files.keys(), ...Object.keys(listed)])) {
    const now = files.has(path) ? signatureOf(files.get(path)!) : undefined;
    const known = Object.entries(listed[path] ?? {});
    const last = known.at(-1)?.[1];
    if (now !== undefined && now !== last) {
      const drop = last === undefined ? '' : `a migration that has "${dropOf(last)}", and `;
      found.push(
        `${path}: its arguments or result are new. It needs ${drop}behind what ${LIST} has of it, with the number of the newest migration: ${now}`,
      );
      continue;
    }
    for (const [i, [since, signature]] of known.entries()) {
      const next = known[i + 1]?.[0];
      if (next === undefined && now !== undefined) continue;
      const until = next ?? newest;
      const drop = dropOf(signature);
      if (!numbered.some(({ number, text }) => number > since && number <= until && text.includes(drop)))
        found.push(`${path}: a migration after ${since} should have "${drop}"`);
    }
  }
  return found;
}

test('every function of sql/ can take the place of those that databases have', () => {
  const listed = JSON.parse(readText(LIST)) as Signatures;
  const files = [...readTree('sql', ['.sql'])].filter(([, text]) => signatureOf(text) !== undefined);
  expect(Object.keys(listed), `${LIST} is sorted`).toEqual(Object.keys(listed).sort());
  expect(unreached(listed, new Map(files), readTree('migrations', ['.sql']))).toEqual([]);
});

test('a new result, new arguments and a function that has gone ask for a migration', () => {
  const file = (head: string) => `create or replace function @privschema@.f(${head}\nlanguage sql\nas $$ $$;`;
  const was = '@privschema@.f(p_a int[], p_b text default) returns int[]';
  const is = '@privschema@.f(p_a int[], p_b text default, out c int)';
  const drop = 'drop function if exists @privschema@.f(int[], text);';
  const ask = (head: string | null, listed: Record<string, string>, migrations: Record<string, string> = {}) =>
    unreached(
      { 'sql/f.sql': listed },
      new Map(head === null ? [] : [['sql/f.sql', file(head)]]),
      new Map(Object.entries({ 'migrations/0001_a.sql': drop, ...migrations })),
    );
  const [before, after] = [
    "\n  p_a int[],\n  p_b text default 'x, y')\nreturns int[]",
    "\n  p_a int[], p_b text default 'x, y', out c int)",
  ];
  const second = { 'migrations/0002_b.sql': drop };
  expect(ask(before, { '0001': was })).toEqual([]);
  expect(ask(after, { '0001': was })).toEqual([expect.stringMatching(/are new.*drop function .*\(int\[\], text\);/)]);
  expect(ask(after, { '0001': was, '0002': is })).toEqual([
    expect.stringContaining(`after 0001 should have "${drop}"`),
  ]);
  expect(ask(after, { '0001': was, '0002': is }, second)).toEqual([]);
  expect(ask(null, { '0001': was })).toEqual([expect.stringContaining(drop)]);
  expect(ask(null, { '0001': was }, second)).toEqual([]);
  expect(ask(before, {})).toEqual([expect.stringContaining('number of the newest migration')]);
});
