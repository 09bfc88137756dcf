// A file of the compatibility layer says what the file says whose place it takes, but for what is listed here: so that an argument that
// one gets the other gets too.
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { readTree } from './source-tree.ts';

const all = readTree('sql', ['.sql']);
const layer = [...all].filter(([path]) => path.startsWith('sql/compat/'));
const originals = [...all].filter(([path]) => !path.startsWith('sql/compat/'));
const folderOf = (path: string) => path.replace('sql/compat/', 'sql/').split('/')[1];
const originalOf = (path: string) =>
  originals.find(([other]) => basename(other) === basename(path) && folderOf(other) === folderOf(path));
const replacing = layer.flatMap(([path, text]) => {
  const original = originalOf(path);
  return original?.[1].includes('create or replace function') ? [[path, text, original[1]] as const] : [];
});

/** From the name to where the body begins. */
const head = (text: string) =>
  /create or replace function [\s\S]*?as \$\$/
    .exec(text)![0]
    .replaceAll('@vectorschema@.vector', 'real')
    .replaceAll('real[]', 'real');

/** What the layer says in place of what is said without it. */
const OTHERWISE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'st_rerank_top_k.sql': [['top_k int', 'k int default 5']],
  'st_deduplicate_facts.sql': [
    ['facts_array jsonb', 'facts jsonb'],
    ['0.85', '0.8'],
  ],
  'st_config_get.sql': [['config_key', 'key']],
  'st_config_set.sql': [
    ['config_key', 'key'],
    ['config_value', 'value'],
  ],
};

test.each(replacing)('%s begins as the file whose place it takes', (path, text, original) => {
  // One row in place of three, with other columns.
  const results = (said: string) =>
    path.includes('cache_stats') ? said.replace(/returns table \([\s\S]*?\)\n/, '') : said;
  const expected = (OTHERWISE[basename(path)] ?? []).reduce(
    (said, [from, to]) => said.replace(from, to),
    head(original),
  );
  expect(results(head(text))).toBe(results(expected));
});

test('no view, trigger or policy of ours asks a function that the layer replaces, or the change would be stopped by it', () => {
  const names = replacing.map(([path]) => basename(path, '.sql'));
  expect(names.length).toBeGreaterThan(10);
  const asking = originals
    .filter(([path]) => /^sql\/(views|triggers|policies)\//.test(path))
    .filter(([, text]) => names.some((name) => new RegExp(`@\\.${name}\\(`).test(text)));
  expect(asking.map(([path]) => path)).toEqual([]);
});
