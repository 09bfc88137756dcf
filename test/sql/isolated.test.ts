// Isolated requests have a limit of their own in a claim: what a worker cannot begin soon is left for others.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import type { Claimed } from './support/worker-session.ts';

const queue = useQueue();

/** Enqueues in this order; those that begin with "alone" are isolated. */
async function enqueue(name: string, type: 'embed' | 'generate', prompts: readonly string[]) {
  const session = await queue.session(name);
  await session.rows(`select steadytext_${type}_batch_async($1)`, [prompts]);
  const superuser = await queue.superuser();
  await superuser.rows(`update steadytext_queue set isolated = prompt like 'alone%'`);
}

const promptsOf = (claimed: readonly Claimed[]) => claimed.map(({ prompt }) => prompt);

test('above their limit they stay pending for the next worker, and the rows behind them come with the next claim', async () => {
  await enqueue('alice', 'generate', ['alone 1', 'alone 2', 'alone 3', 'a', 'b', 'c']);
  const [one, two] = [await queue.worker(), await queue.worker()];
  expect(promptsOf(await one.claim({ generate: 4 }, { isolatedLimit: 1 }))).toEqual(['alone 1', 'a']);
  expect(promptsOf(await one.claim({ generate: 2 }, { isolatedLimit: 0 }))).toEqual(['b', 'c']);
  expect(promptsOf(await one.claim({ generate: 4 }, { isolatedLimit: 0 }))).toEqual([]);
  expect(promptsOf(await two.claim({ generate: 4 }, { isolatedLimit: 1 }))).toEqual(['alone 2']);
  expect(promptsOf(await two.claim({ generate: 4 }))).toEqual(['alone 3']);
});

test('the limit is over all types and all users', async () => {
  await enqueue('alice', 'embed', ['alone 1', 'alone 2', 'a']);
  await enqueue('alice', 'generate', ['alone 3', 'b']);
  await enqueue('bob', 'embed', ['alone 4', 'c']);
  await enqueue('bob', 'generate', ['alone 5', 'd']);
  const worker = await queue.worker();
  const first = await worker.claim({ embed: 10, generate: 10 }, { isolatedLimit: 1 });
  expect(first.filter(({ isolated }) => isolated)).toHaveLength(1);
  const second = await worker.claim({ embed: 10, generate: 10 }, { isolatedLimit: 0 });
  expect(
    promptsOf([...first, ...second])
      .filter((prompt) => !prompt.startsWith('alone'))
      .sort(),
  ).toEqual(['a', 'b', 'c', 'd']);
  const third = await worker.claim({ embed: 10, generate: 10 }, { isolatedLimit: 3 });
  expect(third.map(({ isolated }) => isolated)).toEqual([true, true, true]);
});
