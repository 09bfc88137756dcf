// File sizes: a file that outgrows its one thing is asked which second thing it has become.

import { expect, test } from 'vitest';
import { readText, readTree } from './source-tree.ts';

const COMMON = 120;
const LONGEST = 300;
const LONGEST_SQL_FUNCTION = 60;

function longer(tree: ReadonlyMap<string, string>, limit: number): string[] {
  const sizes = [...tree].map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }));
  return sizes.filter(({ lines }) => lines > limit).map(({ path, lines }) => `${path} (${lines})`);
}

test('no TypeScript file is longer than 300 lines, and three in four outside test/ have at most 120', () => {
  const sources = new Map([...readTree('workers'), ...readTree('scripts')]);
  expect(longer(new Map([...sources, ...readTree('test')]), LONGEST)).toEqual([]);
  expect(longer(sources, COMMON).length).toBeLessThan(sources.size / 4);
});

test('no file of sql/ is longer than 60 lines of statement', () => {
  const statements = [...readTree('sql', ['.sql'])].map(([path, text]) => [path, withoutComments(text)] as const);
  expect(statements.length).toBeGreaterThan(0);
  expect(longer(new Map(statements), LONGEST_SQL_FUNCTION)).toEqual([]);
});

test('the README can be read in one go', () => {
  expect(longer(new Map([['README.md', readText('README.md')]]), 150)).toEqual([]);
});

function withoutComments(sql: string): string {
  return sql
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
    .join('\n');
}
