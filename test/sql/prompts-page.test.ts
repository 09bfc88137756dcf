// docs/prompts.md: its SQL gives what stands below it, and its tables are those of the code.
import { expect, test } from 'vitest';
import { fencedBlocks, tableRows } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const page = readText('docs/prompts.md');

test('every statement of the page gives what stands below it', async () => {
  const alice = await queue.session('alice');
  const [block] = fencedBlocks(page, 'sql');
  // A statement, and the comments at its heels: what it gives.
  const statements = [...block!.matchAll(/((?:.*\n)*?.*;)\n((?:-- .*\n)*)/g)];
  expect(statements.length).toBeGreaterThan(8);
  for (const [, statement, below] of statements) {
    const rows = await alice.rows(statement!);
    expect(rows.length, statement).toBeGreaterThan(0);
    const wanted = below!.replaceAll(/^-- /gm, '').trimEnd();
    if (wanted !== '') expect(String(Object.values(rows[0]!)[0])).toBe(wanted);
  }
});

test('the filters of the page are those that there are', async () => {
  const filters = tableRows(page.slice(page.indexOf('| filter |'), page.indexOf('Values are put out')));
  expect(filters).toHaveLength(12);
  const superuser = await queue.superuser();
  for (const [cell] of filters) {
    const [, name, args] = /^`(\w+)(?:\((.*)\))?`$/.exec(cell!)!;
    const row = await superuser.rows('select * from steadytext_private.filter_arguments($1)', [name]);
    expect([name, row[0]!.most]).toEqual([name, args?.split(', ').length ?? 0]);
  }
});

test('the functions of the page are those that there are, with their arguments', async () => {
  const superuser = await queue.superuser();
  const made = await superuser.rows(
    `select format('%s(%s)', proname, array_to_string(proargnames[:pronargs], ', ')) as head from pg_proc
     where proname ~ '^steadytext_prompt_' order by 1`,
  );
  const shown = tableRows(page.slice(page.indexOf('## Functions'), page.indexOf('## Who may')));
  expect(shown.map(([head]) => head!.replaceAll('`', '')).toSorted()).toEqual(made.map(({ head }) => head));
});
