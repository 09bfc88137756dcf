// Synchronous functions and what their session has: results that are known, and settings that it has chosen for itself.
import { expect, test } from 'vitest';
import { requests, stats, useServedDigest } from './support/cached.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);
useServedDigest(queue);

test('what is known is given here and now, by no worker, as a request of this transaction', async () => {
  const alice = await queue.session('alice');
  const calls = [
    `select steadytext_generate('hello', 10)`,
    `select steadytext_embed('hello')`,
    `select document from steadytext_rerank('query', '{one,two}') limit 1`,
    `select count(*) from steadytext_rerank_batch('{q0,q1}', '{one,two}')`,
  ];
  const first = [];
  {
    await using _ = await answering(queue);
    for (const call of calls) first.push(await alice.value(call));
  }
  expect(first).toEqual(['HELLO', [0.6, 0.8], 'two', '4']);
  await alice.rows('begin');
  for (const [i, call] of calls.entries()) expect(await alice.value(call)).toEqual(first[i]);
  const rows = await requests(alice);
  expect(rows.map(({ receipt }) => receipt.cached === true)).toEqual([...Array(5).fill(false), ...Array(5).fill(true)]);
  await alice.rows('rollback');
  expect(await requests(alice)).toHaveLength(5);
  expect(await stats(alice)).toEqual([0, 1, 1]);
  await alice.value(calls[0]!);
  expect(await stats(alice)).toEqual([1, 1, 1]);
});

test('what is not known goes through the side channel, and so does what should not be taken from the cache', async () => {
  const [alice, bob, admin] = [
    await queue.session('alice'),
    await queue.session('bob'),
    await queue.session('ann', ['steadytext_admin']),
  ];
  await admin.rows(`select steadytext_config_set('sync_wait_seconds', '1')`);
  try {
    {
      await using _ = await answering(queue);
      await alice.value(`select steadytext_generate('hello', 10)`);
    }
    for (const [session, call] of [
      [alice, `steadytext_generate('hello', 11)`],
      [alice, `steadytext_generate('hello', 10, use_cache => false)`],
      [bob, `steadytext_generate('hello', 10)`],
    ] as const)
      expect(await refusal(session, `select ${call}`)).toMatchObject({ code: 'ST014' });
    expect(await refusal(alice, `select steadytext_generate('', 10)`)).toMatchObject({
      message: 'Prompt cannot be empty',
    });
  } finally {
    await admin.rows(`select steadytext_config_reset('sync_wait_seconds')`);
  }
});

test('a session’s own settings count for its calls, and for nobody’s after it', async () => {
  const alice = await queue.session('alice');
  await using _ = await answering(queue);
  await alice.rows('set steadytext.default_seed = 7; set steadytext.default_max_tokens = 5');
  await alice.value(`select steadytext_generate('one')`);
  await alice.rows('reset steadytext.default_seed; reset steadytext.default_max_tokens');
  await alice.value(`select steadytext_generate('two')`);
  const params = (await requests(alice)).map(({ params: { seed, max_tokens } }) => [seed, max_tokens]);
  expect(params).toEqual([
    [7, 5],
    [42, 512],
  ]);
  await alice.rows('set steadytext.default_seed = -1');
  expect(await refusal(alice, `select steadytext_generate('three')`)).toMatchObject({ code: 'ST004' });
});
