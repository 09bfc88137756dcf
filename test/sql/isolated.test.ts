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

test('what there is room for goes round between users, also where one has no end of them', async () => {
  const many = Array.from({ length: 30 }, (_, i) => `alone ${i}`);
  await enqueue('alice', 'generate', many);
  await enqueue('bob', 'generate', many);
  const worker = await queue.worker();
  const byUser = new Map<number, number>();
  for (let i = 0; i < 10; i++) {
    const [one, ...more] = await worker.claim({ generate: 8 }, { isolatedLimit: 1 });
    expect(more).toEqual([]);
    byUser.set(one!.user_id, (byUser.get(one!.user_id) ?? 0) + 1);
  }
  expect([...byUser.values()]).toEqual([5, 5]);
  // Of several places, each user's first comes before anybody's second.
  const four = await worker.claim({ generate: 8 }, { isolatedLimit: 4 });
  expect(four.map(({ user_id }) => user_id).sort()).toEqual([...byUser.keys()].sort().flatMap((id) => [id, id]));
});

test('one that is too many bytes for this claim leaves its place to another', async () => {
  const superuser = await queue.superuser();
  const session = await queue.session('alice');
  await session.rows(`select steadytext_embed_batch_async(array['first', 'alone'])`);
  await session.rows(`select steadytext_generate_batch_async(array['alone'])`);
  await superuser.rows(`update steadytext_queue set isolated = prompt = 'alone', input_bytes = 30000000`);
  const worker = await queue.worker();
  const claimed = await worker.claim({ embed: 2, generate: 2 }, { isolatedLimit: 1 });
  expect(claimed.map(({ request_type, prompt }) => [request_type, prompt])).toEqual([
    ['embed', 'first'],
    ['generate', 'alone'],
  ]);
});

test('users who have only such as may not come do not stand before those who have others', async () => {
  for (let i = 0; i < 5; i++) await enqueue(`crashed_${i}`, 'generate', ['alone 1', 'alone 2']);
  await enqueue('zoe', 'generate', ['a', 'b', 'c']);
  const worker = await queue.worker();
  for (const prompt of ['a', 'b', 'c']) {
    expect(promptsOf(await worker.claim({ generate: 1 }, { isolatedLimit: 0 }))).toEqual([prompt]);
  }
  expect(await worker.claim({ generate: 1 }, { isolatedLimit: 0 })).toEqual([]);
  expect(promptsOf(await worker.claim({ generate: 1 }, { isolatedLimit: 1 }))).toHaveLength(1);
});

test('who was served while others had only such as may not come is charged for all of it', async () => {
  await enqueue(
    'crashed',
    'generate',
    Array.from({ length: 8 }, (_, i) => `alone ${i}`),
  );
  await enqueue('zoe', 'generate', ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  const worker = await queue.worker();
  expect(await worker.claim({ generate: 5 }, { isolatedLimit: 0 })).toHaveLength(5);
  for (let i = 0; i < 4; i++) {
    expect(promptsOf(await worker.claim({ generate: 1 }, { isolatedLimit: 1 }))[0]).toMatch(/^alone/);
  }
});
