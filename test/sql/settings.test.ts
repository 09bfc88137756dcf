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

test('a value that its unit does not have is refused in words', async () => {
  const admin = await database.login(['steadytext_admin']);
  const set = (name: string, value: string | null) =>
    database.query(admin, 'update steadytext_settings set value = $2 where name = $1', [name, value]);
  await expect(set('queue_retention', 'P7D')).rejects.toMatchObject({
    code: 'ST004',
    message: 'queue_retention should be a number and a unit, from 1 hour to 100 years, but is "P7D"',
    hint: expect.stringContaining('like 30 days'),
  });
  await expect(set('max_batch_size', '1e3')).rejects.toMatchObject({
    code: 'ST004',
    message: 'max_batch_size should be a whole number from 1 to 999999999, but is "1e3"',
    hint: expect.stringContaining('digits'),
  });
  await expect(set('max_batch_size', null)).rejects.toMatchObject({ message: expect.stringMatching(/but is null$/) });
});

test.each(['count', 'characters', 'tokens', 'interval'])(
  'the words are said where the constraint of %s holds',
  async (unit) => {
    const values = [
      '1',
      '0',
      '-1',
      '007',
      '999999999',
      '1000000000',
      ' 1',
      '1 ',
      '1.5',
      '',
      '1 hour',
      '60 minutes',
      '59 minutes',
      '0 days',
    ];
    values.push(
      '30 days',
      '30  days',
      '30 Days',
      '-30 days',
      '1 week 2',
      'P7D',
      '100 years',
      '1201 months',
      '9999999 years',
      '10000000 days',
    );
    await using client = await database.connect(database.superuserUrl);
    await client.query(
      'create temp table tried (like steadytext.steadytext_settings including defaults including constraints)',
    );
    for (const value of values) {
      const row = [value, unit];
      const refused = await client
        .query(`insert into tried (name, value, unit, description) values ('x', $1, $2, 'x')`, row)
        .then(() => undefined)
        .catch(({ constraint }: { constraint: string }) => constraint);
      const { rows } = await client.query('select steadytext_private.fits_unit($1, $2) as fits', row);
      expect(refused ?? 'none', value).toBe(rows[0].fits ? 'none' : 'settings_value_fits_unit');
    }
  },
);
