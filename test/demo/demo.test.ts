// `npm run demo` as a person runs it: what it prints, how long a second run takes, and that nothing is left.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive, treeOf } from '../cli/processes.ts';
import { startProcess } from '../commands/steadytext-process.ts';
import { ROOT } from '../house/source-tree.ts';
import { temporaryFolder } from '../inference/convert/tiny-source.ts';
import { waitFor } from '../support/wait-for.ts';

const DEMO = [join(ROOT, 'scripts', 'demo.ts')];
/** No way out but the cache: every other source of models leads nowhere. */
const NO_NETWORK = {
  HF_ENDPOINT: 'http://127.0.0.1:1',
  PIP_INDEX_URL: 'http://127.0.0.1:1/simple',
  PIP_FIND_LINKS: '',
  PIP_NO_INDEX: '1',
};

test('with the models there it needs no network, asks as an ordinary login, tells sources, and leaves nothing', {
  timeout: 900_000,
}, async () => {
  // As a first run of it does, which .ci/run has seen to by now.
  const pull = startProcess(process.execPath, [join(ROOT, 'bin', 'steadytext.mjs'), 'models', 'pull']);
  expect(await pull.ended, `${pull.stdout()}\n${pull.stderr()}`).toBe(0);

  const began = performance.now();
  const demo = startProcess(process.execPath, DEMO, NO_NETWORK);
  const seen = new Map<number, string>();
  const looking = setInterval(() => {
    // Of one that ends, or has ended and is not yet reaped, the command line is gone, and its name stands in brackets.
    for (const { pid, command, state } of treeOf(demo.pid))
      if (!state.startsWith('Z') && !command.startsWith('[')) seen.set(pid, command);
  }, 200);
  const status = await demo.ended.finally(() => clearInterval(looking));
  const seconds = (performance.now() - began) / 1000;
  expect(status, `${demo.stdout()}\n${demo.stderr()}`).toBe(0);
  // Half a minute on a machine of its own (.ci/run holds it to that); here other tests run beside it.
  expect(seconds).toBeLessThan(60);

  const text = demo.stdout();
  expect(text).toMatch(/Logged in as "app", superuser: no\. PostgreSQL 18/);
  expect(text).toMatch(/"Name the capital of France in one sentence\."\n {2}The capital of France is Paris\./);
  expect(text).toMatch(/1\.000 {2}A cat sleeps on the sofa\. {3}\(384 numbers/);
  expect(text).toMatch(/3 documents\n {2}0\.\d+ {2}pg_dump writes/);
  expect(text.match(/-- smollm2-135m-instruct \(digest 1711da9629f9…\), \d+ ms, \d+ ms on the worker/g)).toHaveLength(
    3,
  );
  expect(text.match(/-- all-minilm-l6-v2 \(digest 60f2ad0d9e5e…\), \d+ ms/g)).toHaveLength(2);
  expect(text).toMatch(/Done in [\d.]+ s; everything is stopped\n$/);

  const commands = [...seen.values()].join('\n');
  for (const part of [/bin\/postgres -D/, /steadytext\.mjs worker/, /engine-main/, /demo\/ask\.ts/])
    expect(commands).toMatch(part);
  await waitFor(() => [...seen.keys()].every((pid) => !isAlive(pid)), 'everything to end', 10_000);
});

test('without models and a way to them it ends with what to do, and tells of no step that it leaves out', {
  timeout: 120_000,
}, async () => {
  const demo = startProcess(process.execPath, DEMO, { ...NO_NETWORK, STEADYTEXT_CACHE_DIR: temporaryFolder() });
  expect(await demo.ended).toBe(1);
  expect(demo.stderr()).toMatch(/^ST060 /m);
  expect(demo.stdout()).toBe('\n== Models\n');
});

test('ended by Ctrl-C in the middle it leaves nothing either', { timeout: 300_000 }, async () => {
  const demo = startProcess(process.execPath, DEMO, NO_NETWORK);
  await demo.printed(/Logged in as/, 200_000);
  const below = treeOf(demo.pid).map(({ pid }) => pid);
  expect(below.length).toBeGreaterThan(5);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(130);
  await waitFor(() => below.every((pid) => !isAlive(pid)), 'everything to end', 20_000);
});
