// What is handed back comes back: also right after the claim, beside claims that look at the same rows.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import type { Claimed, WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

const idsOf = (claimed: readonly Claimed[]) => claimed.map(({ request_id }) => request_id);

async function enqueue(count: number) {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_batch_async(array(select 'p' || g from generate_series(1, $1) g))`, [
    count,
  ]);
  return alice;
}

/** Claims three and hands them back, the second of which somebody has locked; that ends when `letGo` has come to its end. */
async function releaseBesideALock(letGo: (released: Promise<string[]>, worker: WorkerSession) => Promise<unknown>) {
  await enqueue(3);
  const worker = await queue.worker();
  const claimed = await worker.claim({ generate: 3 });
  await using holder = await queue.db.connect(queue.db.superuserUrl);
  await holder.query('begin');
  await holder.query('select from steadytext_queue where request_id = $1 for update', [claimed[1]!.request_id]);
  const released = worker.release(claimed);
  await letGo(released, worker);
  await holder.query('rollback');
  return { worker, claimed, released: await released };
}

test('a release waits for who only looks at a row, as a claim does that began before ours', async () => {
  const superuser = await queue.superuser();
  const waiting = `select count(*)::int from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database() and query like '%release_requests(%'`;
  const { claimed, released } = await releaseBesideALock(async (release) => {
    let over = false;
    release.finally(() => {
      over = true;
    });
    await waitFor(async () => over || (await superuser.value(waiting)) === 1, 'the release to wait');
  });
  expect(released.sort()).toEqual(idsOf(claimed).sort());
});

test('not for long: what a user keeps locked stays as it is, and the others are handed back', async () => {
  const { worker, claimed, released } = await releaseBesideALock((release) => release);
  expect(released.sort()).toEqual([claimed[0]!, claimed[2]!].map(({ request_id }) => request_id).sort());
  expect(await worker.release(claimed)).toEqual([claimed[1]!.request_id]);
});

test('beside live claims everything that was claimed is handed back', async () => {
  await enqueue(200);
  const others = [await queue.worker(), await queue.worker()];
  const worker = await queue.worker();
  let over = false;
  const live = others.map(async (other) => {
    while (!over) await other.release(await other.claim({ generate: 20 }));
  });
  const kept: string[] = [];
  for (let round = 0; round < 400; round++) {
    const claimed = await worker.claim({ generate: 20 });
    const released = new Set(await worker.release(claimed));
    kept.push(...idsOf(claimed).filter((id) => !released.has(id)));
  }
  over = true;
  await Promise.all(live);
  expect(kept).toEqual([]);
  const superuser = await queue.superuser();
  expect(await superuser.rows('select distinct status, retry_count from steadytext_queue')).toEqual([
    { status: 'pending', retry_count: 0 },
  ]);
});
