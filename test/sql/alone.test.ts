// A user who is served while nobody else waits.
import { beforeEach, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { EMBEDDING_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
let worker: WorkerSession;
beforeEach(async () => {
  worker = await queue.worker();
  await (await queue.superuser()).rows(
    `insert into steadytext_users (user_id, role_name, role_oid) overriding system value
     values (901, 'first', 3901), (902, 'second', 3902) on conflict do nothing`,
  );
});

async function enqueue(user: number, count: number, cost = 1): Promise<void> {
  await (await queue.superuser()).rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, cost_estimate)
     select gen_random_uuid(), $1, 'embed', $2, 'x', $3 from generate_series(1, $4)`,
    [user, EMBEDDING_MODEL, cost, count],
  );
}

const claimOf = async (limit: number) => (await worker.claim({ embed: limit })).map(({ user_id }) => user_id);

/** Which version of a user's row there is, and what it says. */
const standing = async (user: number) =>
  (
    await (
      await queue.superuser()
    ).rows(
      `select xmin::text as version, virtual_finish - virtual_start as ahead
     from steadytext_private.virtual_times where user_id = $1 and worker_id = $2`,
      [user, worker.id],
    )
  )[0];

test('is written down once, and not at each claim', async () => {
  await enqueue(901, 1);
  expect(await claimOf(10)).toEqual([901]);
  const first = await standing(901);
  expect(first).toMatchObject({ ahead: 1 });
  for (let i = 0; i < 3; i++) {
    await enqueue(901, 5);
    expect(await claimOf(10)).toHaveLength(5);
  }
  expect(await standing(901)).toEqual(first);
});

test('is then ahead of who comes by one request, however many it had', async () => {
  for (let i = 0; i < 4; i++) {
    await enqueue(901, 20);
    await claimOf(20);
  }
  for (const user of [901, 902]) await enqueue(user, 10);
  expect(await claimOf(1)).toEqual([902]);
  const both = await claimOf(10);
  expect(Math.abs(both.filter((user) => user === 901).length - 5)).toBeLessThanOrEqual(1);
});

test('is written down again when its requests cost something else, and when the other was served', async () => {
  await enqueue(901, 1);
  await claimOf(1);
  const cheap = await standing(901);
  await enqueue(901, 1, 50);
  await claimOf(1);
  const dear = await standing(901);
  expect(dear).toMatchObject({ ahead: 50 });
  expect(dear).not.toEqual(cheap);
  // The other alone brings the present on; the first is level with it when it comes back, and not ahead.
  await enqueue(902, 1, 50);
  await claimOf(1);
  await enqueue(901, 1, 50);
  await claimOf(1);
  expect(await standing(901)).not.toEqual(dear);
  for (const user of [901, 902]) await enqueue(user, 1, 50);
  expect(await claimOf(1)).toEqual([902]);
});
