// Everything at once: workers that claim, renew, settle, release and rescue, while users cancel. Nothing deadlocks, and
// each request ends exactly once.
import { expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import type { Claimed, WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

/** A fixed sequence of numbers in [0, 1): a failing run can be run again. */
function randomSequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function workUntilEmpty(worker: WorkerSession, random: () => number, finished: () => boolean) {
  const settled: string[] = [];
  while (!finished()) {
    // A third of the leases is over before it can be settled, and taken back by somebody.
    const claimed = await worker.claim({ generate: 5, embed: 10 }, { leaseSeconds: random() < 0.33 ? 1 : 30 });
    const shuffled = [...claimed].sort(() => random() - 0.5);
    const part = (from: number, to: number): Claimed[] =>
      shuffled.slice(Math.floor(from * shuffled.length), Math.floor(to * shuffled.length));
    await worker.renew(part(0, 0.6), 30);
    await worker.rescue(20);
    await worker.release(part(0.9, 1));
    const done = await worker.settle(part(0, 0.7));
    settled.push(...done.map(({ request_id }) => request_id));
    const rest = await worker.settle(part(0.7, 0.9), { outcome: random() < 0.5 ? 'retry' : 'failed', error: 'raced' });
    settled.push(...rest.filter(({ status }) => status !== 'pending').map(({ request_id }) => request_id));
    await worker.promote();
  }
  return settled;
}

async function cancelSome(session: Session, ids: readonly string[], random: () => number) {
  let cancelled = 0;
  for (const id of ids) {
    if (random() < 0.2) cancelled += (await session.value('select steadytext_cancel_async($1)', [id])) ? 1 : 0;
  }
  return cancelled;
}

test('four workers and two cancelling users end each of 400 requests once, with one row in each log', async () => {
  const superuser = await queue.superuser();
  const users = [await queue.session('alice'), await queue.session('bob')];
  const ids: string[][] = [];
  for (const user of users) {
    const texts = `array(select 't' || g from generate_series(1, 100) g)`;
    ids.push((await user.value(`select steadytext_generate_batch_async(${texts})`)) as string[]);
    ids.push((await user.value(`select steadytext_embed_batch_async(${texts})`)) as string[]);
  }
  // Back-off and the shortest leases would only make the test wait.
  await superuser.rows(`create function at_once() returns trigger language plpgsql as $$
    begin
      new.scheduled_at := least(new.scheduled_at, clock_timestamp());
      if new.lease_expires_at < clock_timestamp() + interval '2 seconds' then
        new.lease_expires_at := clock_timestamp();
      end if;
      return new;
    end $$`);
  await superuser.rows(`create trigger at_once before update on steadytext_queue for each row
    execute function at_once()`);

  let finished = false;
  const workers = await Promise.all(Array.from({ length: 4 }, () => queue.worker()));
  const working = workers.map((worker, i) => workUntilEmpty(worker, randomSequence(i + 1), () => finished));
  const cancelling = users.map((user, i) =>
    cancelSome(user, [...ids[2 * i]!, ...ids[2 * i + 1]!].reverse(), randomSequence(100 + i)),
  );
  const watching = (async () => {
    while (!finished) {
      finished = (await superuser.value('select bool_and(completed_at is not null) from steadytext_queue')) === true;
    }
  })();
  const cancelled = (await Promise.all(cancelling)).reduce((sum, each) => sum + each, 0);
  await watching;
  const settled = (await Promise.all(working)).flat();
  await superuser.rows('drop function at_once cascade');

  const [counts] = await superuser.rows(
    `select count(*)::int as requests, count(*) filter (where status = 'cancelled')::int as cancelled,
            (select count(*)::int from steadytext_request_log) as logged,
            (select count(*)::int from steadytext_audit_log) as audited,
            (select count(distinct request_id)::int from steadytext_audit_log) as distinct_audited,
            (select count(*)::int from steadytext_queue q join steadytext_request_log l using (request_id)
             where q.status <> l.outcome or q.completed_at <> l.finished_at) as different
     from steadytext_queue`,
  );
  expect(counts).toEqual({
    requests: 400,
    cancelled,
    logged: 400,
    audited: 400,
    distinct_audited: 400,
    different: 0,
  });
  expect(cancelled).toBeGreaterThan(0);
  expect(new Set(settled).size).toBe(settled.length);
});

test('settle, renew and cancel of the same rows, in opposite orders, do not deadlock', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const renewing = await queue.worker(worker.id);
  for (let round = 0; round < 20; round++) {
    await alice.rows(`select steadytext_embed_batch_async(array(select 'x' || g from generate_series(1, 40) g))`);
    const claimed = await worker.claim({ embed: 40 });
    await Promise.all([
      worker.settle(claimed),
      renewing.renew([...claimed].reverse()),
      renewing.settle([...claimed].reverse()),
      alice.rows(
        'select steadytext_cancel_async(request_id) from (select * from steadytext_requests order by id desc) q',
      ),
    ]);
  }
  const [counts] = await alice.rows(
    `select count(*)::int as requests, count(completed_at)::int as final,
            (select count(*)::int from steadytext_usage) as logged from steadytext_requests`,
  );
  expect(counts).toEqual({ requests: 800, final: 800, logged: 800 });
});
