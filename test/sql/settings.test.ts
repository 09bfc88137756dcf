// Settings in the database: the page about them says what a migrated database has, and who may change them.

import { expect, test } from 'vitest';
import { tableRows } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

test('docs/configuration.md has a row for each, with its default and how to choose', async () => {
  const [, page] = readText('docs/configuration.md').split('\n## Settings in the database\n');
  const documented = tableRows(page!.split('\n## ')[0]!);
  const rows = await database.query(database.superuserUrl, 'select name, value from steadytext_settings');
  const sorted = (pairs: readonly (readonly (string | undefined)[])[]) =>
    [...pairs].sort(([a], [b]) => (a! < b! ? -1 : 1));
  expect(sorted(documented.map(([name, value]) => [name, value]))).toEqual(
    sorted(rows.map(({ name, value }) => [`\`${name}\``, `\`${value}\``])),
  );
  for (const [, , choice] of documented) expect(choice!.length).toBeGreaterThan(20);
});

test('an administrator changes one as the page shows, and no other login', async () => {
  const [, statement] = readText('docs/configuration.md').match(/`(update steadytext_settings [^`]+)`/)!;
  const admin = await database.login(['steadytext_admin']);
  await database.query(admin, statement!);
  const [row] = await database.query(admin, "select value from steadytext_settings where name = 'queue_retention'");
  expect(row).toEqual({ value: '30 days' });
  await expect(database.query(await database.login(['steadytext_writer']), statement!)).rejects.toMatchObject({
    code: '42501',
  });
});
