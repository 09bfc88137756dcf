// One closed table of errors in three places: workers/errors.ts, docs/errors.md, and the codes raised in SQL.

import { expect, test } from 'vitest';
import { codeOf, ERROR_CODES, isSteadyTextError, SteadyTextError } from '../../workers/errors.ts';
import { readText, readTree } from '../house/source-tree.ts';
import { tableRows } from './markdown.ts';

const documented = tableRows(readText('docs/errors.md'));
const sources = new Map([...readTree('sql', ['.sql']), ...readTree('migrations', ['.sql'])]);

test('the page has one full row for each error, in the order of their codes', () => {
  expect(documented.map(([code, name]) => [code, name])).toEqual(Object.entries(ERROR_CODES));
  expect(Object.keys(ERROR_CODES)).toEqual(Object.keys(ERROR_CODES).sort());
  for (const row of documented) expect(row.filter((cell) => cell.length > 2)).toHaveLength(4);
});

test('SQL raises only codes that the table has, and only those of its own range', () => {
  const raised = [...sources].flatMap(([path, text]) =>
    [...text.matchAll(/\bST\d{3}\b/g)].map(([code]) => ({ path, code })),
  );
  expect(raised.length).toBeGreaterThan(0);
  expect(raised.filter(({ code }) => !(code in ERROR_CODES))).toEqual([]);
  expect(raised.filter(({ code }) => code >= 'ST050')).toEqual([]);
});

test('every code of the table is raised somewhere', () => {
  const workers = [...readTree('workers')].filter(([path]) => path !== 'workers/errors.ts').map(([, text]) => text);
  const everything = [...workers, ...sources.values()].join('\n');
  const unused = Object.entries(ERROR_CODES).filter(
    ([code, name]) => !everything.includes(`'${name}'`) && !everything.includes(code),
  );
  expect(unused).toEqual([]);
});

test('an error carries its code, name, hint and cause', () => {
  const cause = new Error('deeper');
  const error = new SteadyTextError('UnknownModel', 'expected a known model, got gpt-9', { hint: 'see list', cause });
  expect(error).toMatchObject({ code: 'ST003', name: 'UnknownModel', hint: 'see list', cause });
  expect(codeOf('DiskFull')).toBe('ST063');
  expect(isSteadyTextError(error, 'UnknownModel')).toBe(true);
  expect(isSteadyTextError(error, 'DiskFull')).toBe(false);
  expect(isSteadyTextError(new Error('UnknownModel'))).toBe(false);
});
