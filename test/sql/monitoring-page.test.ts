// docs/monitoring.md: its statements run as they stand, and its tables name what there is.
import { expect, test } from 'vitest';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { run, useServedDigest } from './support/cached.ts';
import { readExposition } from './support/exposition.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
useServedDigest(queue);
const page = readText('docs/monitoring.md');

/** Names in the first column of the table whose head begins so. */
const namesUnder = (head: string) =>
  page
    .split(`| ${head} |`)[1]!
    .split('\n\n')[0]!
    .split('\n')
    .slice(2)
    .flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));

test('every statement goes through, for the role that it is for', async () => {
  const admin = await queue.session('ann', ['steadytext_admin']);
  const results = [];
  for (const block of fencedBlocks(page, 'sql'))
    for (const statement of block.split(/;(?=\s)/).filter((text) => /^\s*select/.test(text.replace(/^\s*--.*$/gm, ''))))
      results.push(await admin.rows(statement));
  expect(results.length).toBe(10);
  expect(results[4]!.map(({ step }) => step)).toContain('Total');
  expect(await admin.rows(`select name from steadytext_config_list() where source <> 'default'`)).toEqual([]);
});

test('the families are those that are told, and the checks too', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  const superuser = await queue.superuser();
  await run(alice, worker, `select steadytext_generate_async('one')`);
  await alice.rows(`select steadytext_generate_async('two')`);
  const machine = { totalBytes: 8e9, freeBytes: 5e9, workerBytes: 1e8 };
  await worker.beat(2048, { engines: [{ pid: 7, state: 'ready', models: [] }], machine });
  await superuser.rows('select steadytext_private.tend_cache()');
  const metrics = await queue.session('prometheus', ['steadytext_metrics']);
  const samples = readExposition((await metrics.value('select export_prometheus_metrics()')) as string);
  expect([...new Set(samples.map(({ family }) => family))]).toEqual(
    namesUnder('family').filter((name) => /^steadytext/.test(name)),
  );
  expect(
    (await metrics.rows('select check_name from diagnose_steadytext()')).map(({ check_name }) => check_name),
  ).toEqual(namesUnder('check'));
});
