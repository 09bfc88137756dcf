// Every function of users has its short name, in a file that says the same as its own. `npx vitest run --project unit test/house/aliases.test.ts -u` writes
// the files that are missing or behind; their grants are in sql/grants/ beside those of the originals.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aliasFileOf, aliasPathOf, WITHOUT_ALIAS } from './alias-file.ts';
import { ROOT, readTree } from './source-tree.ts';

const api = readTree('sql/api', ['.sql']);
const originals = [...api].filter(([path]) => /\/steadytext_\w+\.sql$/.test(path));
const nameOf = (path: string) => path.replace(/^.*\/|\.sql$/g, '');
const aliased = originals.filter(([path]) => !(nameOf(path) in WITHOUT_ALIAS));

test.each(aliased)('the alias of %s says what it says', async (path, text) => {
  const expected = aliasFileOf(text);
  if (expected !== null) await expect(expected).toMatchFileSnapshot(join(ROOT, aliasPathOf(path)));
});

test('there is an alias for each, and none of what is not there', () => {
  const there = [...api.keys()].filter((path) => path.startsWith('sql/api/aliases/'));
  expect(there.sort()).toEqual(aliased.map(([path]) => aliasPathOf(path)).sort());
  const known = new Set(originals.map(([path]) => nameOf(path)));
  expect(Object.keys(WITHOUT_ALIAS).filter((name) => !known.has(name))).toEqual([]);
});

test('whoever may call a function may call its alias', () => {
  const grants = [...readTree('sql/grants', ['.sql']).values()]
    .join('\n')
    .matchAll(/^grant ([^;]*)\sto (@roleprefix@[^;]+);/gm);
  const granted = new Set(
    [...grants].flatMap(([, what, whom]) =>
      [...what!.matchAll(/@extschema@\.(\w+)/g)].flatMap(([, name]) =>
        [...whom!.matchAll(/@roleprefix@(\w+)/g)].map(([, role]) => `${name} to ${role}`),
      ),
    ),
  );
  const wanted = [...granted].filter((grant) => aliased.some(([path]) => grant.startsWith(`${nameOf(path)} `)));
  const short = wanted.map((grant) => grant.replace(/^steadytext_/, 'st_'));
  expect([...granted].filter((grant) => grant.startsWith('st_')).sort()).toEqual(short.sort());
});
