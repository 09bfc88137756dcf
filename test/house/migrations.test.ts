// History that was changed under a database that has it stops that database's next migrate: so no file of it is ever edited.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readText, readTree } from './source-tree.ts';

const LIST = 'test/house/migrations.json';
const ROWS_CHANGED =
  /\b(?:update|delete\s+from|merge\s+into)\s+(?:only\s+)?\S*steadytext_(?:queue|request_log|audit_log)\w*/gi;

test('every file of migrations/ is as it was when it was added', () => {
  const files = [...readTree('migrations', ['.sql'])];
  const hashes = files.map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')]);
  const listed = JSON.parse(readText(LIST)) as Record<string, string>;
  expect(Object.keys(listed), `${LIST} is sorted`).toEqual(Object.keys(listed).sort());
  expect(
    Object.fromEntries(hashes),
    `Files of migrations/ are never edited. Put back what was there, make the change in a new file, and add its name and sha256 to ${LIST}`,
  ).toEqual(listed);
});

test('no migration changes or deletes requests or log rows, which stops everybody for as long as it takes', () => {
  // They run in one transaction, under locks that nobody passes: 200,000 requests took 11 s. 0023 is history, and stays.
  const found: string[] = [];
  for (const [path, text] of readTree('migrations', ['.sql'])) {
    if (path < 'migrations/0027') continue;
    const code = text.replaceAll(/--.*/g, '');
    for (const [statement] of code.matchAll(ROWS_CHANGED)) found.push(`${path}: ${statement.replaceAll(/\s+/g, ' ')}`);
  }
  expect(found, 'Take what the rows have into account where they are read').toEqual([]);
});
