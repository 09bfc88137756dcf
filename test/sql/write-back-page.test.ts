// docs/write-back.md: its SQL, block by block, with a worker between them.
import { expect, test } from 'vitest';
import { fencedBlocks, tableRows } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const page = readText('docs/write-back.md');

test('every block of the page does what is said of it', async () => {
  const superuser = await queue.superuser();
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const name = await alice.value('select quote_ident(current_user)');
  await superuser.rows(`create schema authorization ${name}`);
  const [tables, writing, batch, ...more] = fencedBlocks(page, 'sql');
  expect(more).toEqual([]);
  const statements = (block: string) => block.trim().split(/;\n(?=\S)/);

  await alice.client.query(tables!);
  await worker.settle(await worker.claim({ generate: 10, embed: 10 }));
  const [applied, articles] = statements(writing!);
  expect(await alice.rows(applied!)).toEqual([{ applied: '4', stale: '0', refused: '0', failed: '0' }]);
  expect(await alice.rows(articles!)).toEqual([
    { title: 'Cats', summary: expect.stringMatching(/CATS SLEEP/), dimensions: 2 },
    { title: 'Backups', summary: expect.stringMatching(/A BACKUP/), dimensions: 2 },
  ]);

  expect(await alice.rows(batch!)).toEqual([]);
  await alice.rows('update articles set embedding = null');
  expect(await alice.rows(batch!)).toEqual(['1', '2'].map((ordinal) => ({ ordinal, request_id: expect.any(String) })));
  await worker.settle(await worker.claim({ embed: 10 }));
  expect(await alice.rows(applied!)).toEqual([{ applied: '2', stale: '0', refused: '0', failed: '0' }]);
  await superuser.rows(`drop schema ${name} cascade`);
});

test('its outcomes are those that there are', async () => {
  const superuser = await queue.superuser();
  const [definition] = await superuser.rows(
    `select pg_get_constraintdef(oid) as text from pg_constraint where conname = 'write_backs_outcome_known'`,
  );
  const known = [...String(definition!.text).matchAll(/'(\w+)'/g)].map(([, outcome]) => outcome);
  const told = tableRows(page.slice(page.indexOf('| outcome |'), page.indexOf('What is told of stays')));
  expect(told.flatMap(([cell]) => [...cell!.matchAll(/`(\w+)`/g)].map(([, outcome]) => outcome)).sort()).toEqual(
    known.sort(),
  );
});
