// Cancelling, in every state, and without ever making a worker wait.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const CANCEL = 'select steadytext_cancel_async($1)';

test('a pending request is cancelled and never claimed', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  expect(await alice.value(CANCEL, [requestId])).toBe(true);
  expect(await alice.rows('select status, runnable from steadytext_requests')).toEqual([
    { status: 'cancelled', runnable: false },
  ]);
  expect(await worker.claim({ generate: 1 })).toEqual([]);
  expect(await alice.value(CANCEL, [requestId])).toBe(false);
});

test('a scheduled request is cancelled and never promoted', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const id = await alice.value(`select steadytext_generate_async('x', scheduled_at => now() + interval '1 hour')`);
  expect(await alice.value(CANCEL, [id])).toBe(true);
  await superuser.rows('update steadytext_queue set scheduled_at = now()');
  expect(await worker.promote()).toBe(0);
});

test('a running request is cancelled at once; its worker is told, and what it still writes is fenced', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  const claimed = await worker.claim({ generate: 1 });
  const heard: string[] = [];
  worker.client.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`));
  await worker.client.query('listen steadytext_control');
  expect(await alice.value(CANCEL, [requestId])).toBe(true);
  expect(await worker.renew(claimed)).toEqual([]);
  expect(heard).toEqual([`steadytext_control cancel:${requestId}`]);
  expect(await worker.settle(claimed)).toEqual([]);
  expect(await worker.rescue()).toEqual([]);
  expect(await alice.rows('select status, result from steadytext_check_async($1)', [requestId])).toEqual([
    { status: 'cancelled', result: null },
  ]);
});

test('a final or unknown request is left as it is', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }));
  expect(await alice.value(CANCEL, [requestId])).toBe(false);
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe('X');
  expect(await alice.value(CANCEL, ['00000000-0000-0000-0000-000000000000'])).toBe(false);
  expect(await alice.value(CANCEL, [null])).toBe(false);
});

test('a cancel that stays uncommitted delays the others of its batch by a moment, and itself nothing but a run', async () => {
  const alice = await queue.session('alice');
  const bob = await queue.session('bob');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await bob.rows(`select steadytext_generate_batch_async(array['b1', 'b2'])`);
  const held = await alice.value(`select steadytext_generate_async('a')`);
  const claimed = await worker.claim({ generate: 3 });
  expect(claimed).toHaveLength(3);

  await alice.rows('begin');
  await alice.rows(CANCEL, [held]);
  // Still held as far as anybody can tell, so the worker goes on with it.
  expect(await worker.renew(claimed)).toHaveLength(3);
  const before = performance.now();
  const settled = await worker.settle(claimed);
  expect(performance.now() - before).toBeLessThan(5000);
  expect(settled.map(({ request_id }) => request_id).sort()).toEqual(
    claimed
      .filter(({ prompt }) => prompt !== 'a')
      .map(({ request_id }) => request_id)
      .sort(),
  );
  await alice.rows('rollback');
  // The settle's own time limit for locks ends with it.
  expect((await worker.client.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);

  await superuser.rows(
    `update steadytext_queue set lease_expires_at = now() - interval '1 second' where status = 'processing'`,
  );
  expect(await worker.rescue()).toMatchObject([{ status: 'pending' }]);
  expect(await worker.settle(await worker.claim({ generate: 1 }))).toHaveLength(1);
  expect(await alice.value('select steadytext_get_async_result($1)', [held])).toBe('A');
  expect(await superuser.value('select count(*)::int from steadytext_audit_log')).toBe(3);
});
