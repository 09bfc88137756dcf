// Prompts that a worker's engines have no room for: they go to a worker that has, or whose successor may have.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';

const queue = useQueue();

async function enqueue() {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_async('p')`);
  return alice;
}

test('what one worker has no room for goes to one with more after a second, and to nobody where there is none', async () => {
  const alice = await enqueue();
  const superuser = await queue.superuser();
  const [small, large] = [await queue.worker(), await queue.worker()];
  await small.beat(704);
  const claimed = await small.claim({ generate: 1 });
  expect(await small.handOver(claimed)).toEqual([]);
  await large.beat(704);
  expect(await small.handOver(claimed)).toEqual([]);
  await large.beat(2176);
  await superuser.rows(`update steadytext_workers set heartbeat_at = now() - interval '31 s' where worker_id = $1`, [
    large.id,
  ]);
  expect(await small.handOver(claimed)).toEqual([]);

  await large.beat(2176);
  expect(await large.handOver(claimed)).toEqual([]);
  const stranger = await queue.worker();
  await stranger.beat(704);
  expect(await stranger.handOver(claimed)).toEqual([]);
  expect(await small.handOver([{ ...claimed[0]!, lease_token: '99' }])).toEqual([]);
  expect(await small.handOver(claimed)).toEqual([claimed[0]!.request_id]);
  expect(await small.settle(claimed)).toEqual([]);
  const state = `select status, retry_count, isolated, error, scheduled_at > now() as later from steadytext_requests`;
  expect(await alice.rows(state)).toEqual([
    { status: 'pending', retry_count: 0, isolated: false, error: null, later: true },
  ]);
  await superuser.rows('update steadytext_queue set scheduled_at = now()');
  expect(await large.promote()).toBe(1);
  expect(await large.settle(await large.claim({ generate: 1 }))).toHaveLength(1);
});

test('a hand-over counts one that drains, and does not need to know what its own worker holds', async () => {
  await enqueue();
  const [small, large] = [await queue.worker(), await queue.worker()];
  await small.beat(704);
  await large.beat(2176, { state: 'draining' });
  expect(await small.handOver(await small.claim({ generate: 1 }))).toHaveLength(1);

  const superuser = await queue.superuser();
  await superuser.rows('update steadytext_queue set runnable = true, scheduled_at = now()');
  await superuser.rows(`update steadytext_workers set models = '[]' where worker_id = $1`, [small.id]);
  expect(await small.handOver(await small.claim({ generate: 1 }))).toHaveLength(1);
});

test('a hand-over waits a quarter of a second for a user: who cannot be told then raises, and is asked again', async () => {
  await enqueue();
  const [small, large] = [await queue.worker(), await queue.worker()];
  await small.beat(704);
  await large.beat(2176);
  const claimed = await small.claim({ generate: 1 });
  const locking = await queue.superuser();
  await locking.rows('begin');
  await locking.rows('select from steadytext_queue for update');
  await expect(small.handOver(claimed)).rejects.toMatchObject({ code: '55P03' });
  await locking.rows('rollback');
  expect(await small.handOver(claimed)).toHaveLength(1);
});

test('one that has left in order counts for a minute more, however often it is handed over: its successor is on its way', async () => {
  const alice = await enqueue();
  const superuser = await queue.superuser();
  const [small, large] = [await queue.worker(), await queue.worker()];
  await small.beat(704);
  await large.beat(2176);
  await large.retire();
  expect(await superuser.rows('select worker_id from steadytext_workers')).toEqual([{ worker_id: small.id }]);
  for (let times = 0; times < 3; times++) {
    expect(await small.handOver(await small.claim({ generate: 1 }))).toHaveLength(1);
    await superuser.rows('update steadytext_queue set runnable = true, scheduled_at = now()');
  }
  expect(await alice.value('select retry_count from steadytext_requests')).toBe(0);
  const ago = 'update steadytext_private.retired_workers set retired_at = now() - $1::interval';
  const claimed = await small.claim({ generate: 1 });
  await superuser.rows(ago, ['61 seconds']);
  expect(await small.handOver(claimed)).toEqual([]);
  await superuser.rows(ago, ['55 seconds']);
  expect(await small.handOver(claimed)).toHaveLength(1);
});

test('not for what itself had no more room, and not for ever: what left is forgotten when requests are pruned', async () => {
  await enqueue();
  const superuser = await queue.superuser();
  const [before, now] = [await queue.worker(), await queue.worker()];
  await before.beat(704);
  await now.beat(704);
  await before.retire();
  expect(await now.handOver(await now.claim({ generate: 1 }))).toEqual([]);
  const left = 'select count(*)::int from steadytext_private.retired_workers';
  const prune = () => now.client.query('select steadytext_private.prune_requests()');
  await prune();
  expect(await superuser.value(left)).toBe(1);
  await superuser.rows(`update steadytext_private.retired_workers set retired_at = now() - interval '61 minutes'`);
  await prune();
  expect(await superuser.value(left)).toBe(0);
});
