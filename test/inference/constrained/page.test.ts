// docs/structured-output.md says of keywords, formats and limits what the code has.

import { expect, test } from 'vitest';
import { LIMITS } from '../../../workers/inference/constrained/limits.ts';
import { FORMATS } from '../../../workers/inference/constrained/schema/formats.ts';
import { KEYWORDS, NOT_SUPPORTED } from '../../../workers/inference/constrained/schema/keywords.ts';
import { tableRows } from '../../docs/markdown.ts';
import { readText } from '../../house/source-tree.ts';

const page = readText('docs/structured-output.md');
const rows = tableRows(page);
const named = (text: string) => [...text.matchAll(/`([$\w-]+)`/g)].map(([, name]) => name!);
const row = (title: string) =>
  named(
    rows
      .find(([first]) => first === title)!
      .slice(1)
      .join(),
  );

test('every keyword of the code is named as what it is, and no other', () => {
  const values = ['true', 'false'];
  expect([...row('supported'), ...row('without effect')].filter((name) => !values.includes(name)).sort()).toEqual(
    Object.keys(KEYWORDS).sort(),
  );
  expect(row('refused').sort()).toEqual([...NOT_SUPPORTED].sort());
});

test('every format is named', () => {
  const [, formats] = page.match(/\*\*format\*\*: ([\s\S]*?)\n- /)!;
  expect(named(formats!)).toEqual(Object.keys(FORMATS));
});

test('the limits are those of the code', () => {
  const told = page
    .split('## Limits')[1]!
    .replaceAll(/(\d),(\d{3})/g, '$1$2')
    .replaceAll(/(\d),(\d{3})/g, '$1$2');
  for (const limit of Object.values(LIMITS))
    if (limit !== LIMITS.byteCells) expect(told).toMatch(new RegExp(`\\b${limit}\\b`));
});
