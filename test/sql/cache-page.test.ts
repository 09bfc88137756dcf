// docs/cache.md: its statements run as they stand, and its tables name what there is.
import { expect, test } from 'vitest';
import { readText } from '../house/source-tree.ts';
import { run, useServedDigest } from './support/cached.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
useServedDigest(queue);
const page = readText('docs/cache.md');

test('every statement goes through, and the second request finds what the first one left', async () => {
  const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const [alice, admin, worker] = [
    await queue.session('alice'),
    await queue.session('ann', ['steadytext_admin']),
    await queue.worker(),
  ];
  const [first, ...rest] = blocks[0]!.split(/(?<=;)\n/);
  await run(alice, worker, first!);
  const results = [];
  for (const statement of rest.filter((text) => /\w/.test(text))) results.push(await alice.rows(statement));
  expect(results[0]).toEqual([{ steadytext_get_async_result: 'WHAT IS A VACUUM?' }]);
  expect(await alice.rows(blocks[1]!)).toEqual([{ steadytext_cache_get: 'WHAT IS A VACUUM?' }]);
  for (const block of blocks.slice(2))
    for (const statement of block.split(/(?<=;)\n/).filter((text) => /\w/.test(text)))
      await (block.includes('administrator') ? admin : alice).rows(statement);
  expect(blocks).toHaveLength(4);
});

test('the strategies are those that the setting takes', async () => {
  const [row] = await (await queue.superuser()).rows(
    `select choices from steadytext_settings where name = 'cache_eviction_strategy'`,
  );
  const named = [...page.split('| strategy |')[1]!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(named).toEqual(row!.choices);
});
