// Leases: whoever holds one may renew, settle or release it; whoever lost it is fenced, whatever it does.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import type { Claimed, WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

async function enqueue(count: number) {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_batch_async(array(select 'p' || g from generate_series(1, $1) g))`, [
    count,
  ]);
  return alice;
}

/** As if so many seconds had gone by since the leases were taken. */
async function leasesEnd() {
  const superuser = await queue.superuser();
  await superuser.rows(
    `update steadytext_queue set lease_expires_at = now() - interval '1 second' where status = 'processing'`,
  );
}

test('two workers never get the same request', async () => {
  await enqueue(50);
  const [one, two] = [await queue.worker(), await queue.worker()];
  const [a, b] = await Promise.all([one.claim({ generate: 30 }), two.claim({ generate: 30 })]);
  expect(a.length + b.length).toBe(50);
  expect(new Set([...a, ...b].map(({ request_id }) => request_id)).size).toBe(50);
});

test('a worker that lost its lease settles, renews and releases nothing', async () => {
  const alice = await enqueue(1);
  const [slow, quick] = [await queue.worker(), await queue.worker()];
  const stale = await slow.claim({ generate: 1 });
  await leasesEnd();
  expect(await quick.rescue()).toMatchObject([{ status: 'pending' }]);

  expect(await slow.settle(stale, { result: 'late' })).toEqual([]);
  const fresh = await quick.claim({ generate: 1 });
  expect(Number(fresh[0]!.lease_token)).toBeGreaterThan(Number(stale[0]!.lease_token));
  expect(await slow.renew(stale)).toEqual([]);
  expect(await slow.release(stale)).toEqual([]);
  expect(await slow.settle(stale, { result: 'late' })).toEqual([]);
  expect(await slow.settle(fresh, { result: 'forged' })).toEqual([]);
  expect(await quick.settle(stale, { result: 'old token' })).toEqual([]);
  expect(await quick.settle(fresh, { result: 'right' })).toHaveLength(1);
  expect(await quick.settle(fresh, { result: 'twice' })).toEqual([]);
  expect(await alice.value('select result from steadytext_requests')).toBe('right');
  const superuser = await queue.superuser();
  expect(await superuser.value('select count(*)::int from steadytext_request_log')).toBe(1);
  expect(await superuser.value('select count(*)::int from steadytext_audit_log')).toBe(1);
});

/** Claimed by a worker that then loses them all; as it remembers them. */
async function claimAndLose(worker: WorkerSession, count: number): Promise<Claimed[]> {
  const stale = await worker.claim({ generate: count });
  await leasesEnd();
  expect(await worker.rescue()).toHaveLength(count);
  return stale;
}

const everything = async () => {
  const superuser = await queue.superuser();
  return await superuser.rows(
    `select q.*, (select count(*) from steadytext_request_log) as logged, (select count(*) from steadytext_audit_log) as audited
     from steadytext_queue q order by id`,
  );
};

// Its own name fences nobody here, so these are what tells whether the token does.
test.each<[string, (worker: WorkerSession, stale: Claimed[]) => Promise<unknown[]>]>([
  ['renew', (worker, stale) => worker.renew(stale, 600)],
  ['release', (worker, stale) => worker.release(stale)],
  ['release, to be run alone,', (worker, stale) => worker.release(stale, true)],
  ['complete', (worker, stale) => worker.settle(stale, { result: 'late' })],
  ['fail', (worker, stale) => worker.settle(stale, { outcome: 'failed', error: 'late' })],
  ['retry', (worker, stale) => worker.settle(stale, { outcome: 'retry', error: 'late' })],
])('a worker that holds a request again cannot %s it under the token it lost it with', async (_verb, act) => {
  const alice = await enqueue(1);
  const worker = await queue.worker();
  const stale = await claimAndLose(worker, 1);
  const fresh = await worker.claim({ generate: 1 });
  expect(fresh).toMatchObject([
    { request_id: stale[0]!.request_id, lease_token: String(Number(stale[0]!.lease_token) + 1) },
  ]);

  const before = await everything();
  expect(await act(worker, stale)).toEqual([]);
  expect(await everything()).toEqual(before);
  expect(await worker.renew(fresh)).toEqual([fresh[0]!.request_id]);
  expect(await worker.settle(fresh, { result: 'right' })).toMatchObject([{ status: 'completed' }]);
  expect(await alice.value('select result from steadytext_requests')).toBe('right');
});

test('a worker that knows id and token of what another one holds changes nothing of it', async () => {
  await enqueue(1);
  const [holder, other] = [await queue.worker(), await queue.worker()];
  const held = await holder.claim({ generate: 1 });
  const before = await everything();
  expect(await other.renew(held, 600)).toEqual([]);
  expect(await other.release(held)).toEqual([]);
  expect(await other.release(held, true)).toEqual([]);
  expect(await other.settle(held)).toEqual([]);
  expect(await everything()).toEqual(before);
  expect(await holder.settle(held)).toHaveLength(1);
});

test('each token of a call is for its own request: those of a batch cannot stand in for each other', async () => {
  await enqueue(2);
  const worker = await queue.worker();
  await claimAndLose(worker, 1);
  // One at its second claim, one at its first.
  const fresh = await worker.claim({ generate: 2 });
  expect(fresh.map(({ lease_token }) => lease_token).sort()).toEqual(['1', '2']);
  const swapped = fresh.map((request, index) => ({ ...request, lease_token: fresh[1 - index]!.lease_token }));

  const before = await everything();
  expect(await worker.renew(swapped, 600)).toEqual([]);
  expect(await worker.release(swapped)).toEqual([]);
  expect(await worker.settle(swapped)).toEqual([]);
  expect(await everything()).toEqual(before);
  expect(await worker.settle(fresh)).toHaveLength(2);
});

test('a lease that is over and that nobody took back may still be renewed and settled', async () => {
  await enqueue(1);
  const worker = await queue.worker();
  const claimed = await worker.claim({ generate: 1 });
  await leasesEnd();
  expect(await worker.renew(claimed)).toEqual([claimed[0]!.request_id]);
  expect(await worker.rescue()).toEqual([]);
  await leasesEnd();
  expect(await worker.settle(claimed)).toHaveLength(1);
});

test('renewing extends all that is held and names what is not', async () => {
  const alice = await enqueue(3);
  const worker = await queue.worker();
  const claimed = await worker.claim({ generate: 3 }, { leaseSeconds: 5 });
  await alice.rows('select steadytext_cancel_async($1)', [claimed[1]!.request_id]);
  expect((await worker.renew(claimed, 600)).sort()).toEqual([claimed[0]!.request_id, claimed[2]!.request_id].sort());
  const left = await alice.rows(
    `select extract(epoch from lease_expires_at - clock_timestamp())::float8 as seconds from steadytext_requests
     where status = 'processing'`,
  );
  expect(left.every(({ seconds }) => seconds > 500)).toBe(true);
});

test('what is released is pending at once in its old place, with no attempt used', async () => {
  const alice = await enqueue(2);
  const [one, two] = [await queue.worker(), await queue.worker()];
  const claimed = await one.claim({ generate: 1 });
  expect(await one.release(claimed)).toEqual([claimed[0]!.request_id]);
  expect(await alice.rows('select status, runnable, retry_count from steadytext_requests order by id')).toEqual([
    { status: 'pending', runnable: true, retry_count: 0 },
    { status: 'pending', runnable: true, retry_count: 0 },
  ]);
  expect(await two.claim({ generate: 1 })).toMatchObject([{ request_id: claimed[0]!.request_id, lease_token: '2' }]);
});

test('what is handed back to run alone goes that way once; after that its attempts count', async () => {
  const alice = await enqueue(2);
  const [one, two] = [await queue.worker(), await queue.worker()];
  const both = await one.claim({ generate: 2 });
  expect((await one.release(both, true)).sort()).toEqual(both.map(({ request_id }) => request_id).sort());
  expect(await alice.rows('select status, runnable, retry_count, isolated from steadytext_requests')).toEqual(
    Array(2).fill({ status: 'pending', runnable: true, retry_count: 0, isolated: true }),
  );

  const again = await two.claim({ generate: 2 });
  expect(again.map(({ isolated }) => isolated)).toEqual([true, true]);
  expect(await one.release(both, true)).toEqual([]);
  expect(await two.release(again, true)).toEqual([]);
  expect(await two.settle([again[0]!], { outcome: 'retry', error: 'died', isolate: true })).toHaveLength(1);
  // A worker that drains still hands it back; whoever has it next runs it alone.
  expect(await two.release([again[1]!])).toEqual([again[1]!.request_id]);
  expect(await alice.rows('select status, retry_count, isolated from steadytext_requests order by id')).toEqual([
    { status: 'pending', retry_count: 1, isolated: true },
    { status: 'pending', retry_count: 0, isolated: true },
  ]);
});

test('a rescued request is pending at once, then runs isolated, then fails when no retry is left', async () => {
  const alice = await enqueue(1);
  const worker = await queue.worker();
  const seen: unknown[] = [];
  for (let death = 1; death <= 4; death++) {
    const [claimed] = await worker.claim({ generate: 1 });
    seen.push([claimed!.retry_count, claimed!.isolated]);
    await leasesEnd();
    expect(await worker.rescue()).toMatchObject([{ status: death < 4 ? 'pending' : 'failed' }]);
  }
  expect(seen).toEqual([
    [0, false],
    [1, false],
    [2, true],
    [3, true],
  ]);
  const [dead] = await alice.rows('select error, daemon_endpoint from steadytext_dead_letter_queue');
  expect(dead!.error).toMatch(/lease ended .* \(attempt 4 of 4\)/);
  expect(dead!.daemon_endpoint).toBe(worker.id);
  const superuser = await queue.superuser();
  expect(await superuser.rows('select outcome, worker_id from steadytext_request_log')).toEqual([
    { outcome: 'failed', worker_id: worker.id },
  ]);
});

test('rescue takes only what is over, a page at a time, and two rescuers share the work', async () => {
  await enqueue(20);
  const [one, two] = [await queue.worker(), await queue.worker()];
  await one.claim({ generate: 10 });
  await leasesEnd();
  await two.claim({ generate: 10 });
  expect(await one.rescue(3)).toHaveLength(3);
  const rescued = await Promise.all([one.rescue(), two.rescue()]);
  expect(rescued.flat()).toHaveLength(7);
  expect(await two.rescue()).toEqual([]);
});

test('a settle with an outcome that nobody knows changes nothing', async () => {
  const alice = await enqueue(1);
  const worker = await queue.worker();
  const claimed = await worker.claim({ generate: 1 });
  await expect(worker.settle(claimed, { outcome: 'done' })).rejects.toMatchObject({ code: 'ST004' });
  expect(await alice.value('select status from steadytext_requests')).toBe('processing');
});
