// History that was changed under a database that has it stops that database's next migrate: so no file of it is ever edited.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readText, readTree } from './source-tree.ts';

const LIST = 'test/house/migrations.json';

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
