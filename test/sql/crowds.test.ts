// More users than one claim looks at: all are served equally, whatever their numbers are, and who has something is found.
import { beforeEach, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { EMBEDDING_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

let worker: WorkerSession;
beforeEach(async () => {
  worker = await queue.worker();
});

/** So many users from a number on, each with requests of these costs. */
async function crowd(users: number, costs: readonly number[], options: { from?: number; weights?: number } = {}) {
  const superuser = await queue.superuser();
  await superuser.rows('delete from steadytext_users');
  await superuser.rows(
    `insert into steadytext_users (user_id, role_name, role_oid, weight) overriding system value
     select $1 + g, 'crowd_' || g, 5000 + g, 1 + (g % $3) from generate_series(1, $2) g`,
    [options.from ?? 0, users, options.weights ?? 1],
  );
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, cost_estimate)
     select gen_random_uuid(), user_id, 'embed', $1, 'x', c.cost
     from steadytext_users cross join unnest($2::real[]) as c (cost)`,
    [EMBEDDING_MODEL, costs],
  );
}

async function served(claims: number, limit: number): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let i = 0; i < claims; i++) {
    for (const { user_id } of await worker.claim({ embed: limit })) {
      counts.set(user_id, (counts.get(user_id) ?? 0) + 1);
    }
  }
  return counts;
}

test.each([
  { users: 120, from: 0, limit: 1 },
  { users: 120, from: 3000, limit: 1 },
  { users: 250, from: 3000, limit: 4 },
])('$users users from number $from on have equal shares in claims of $limit', async ({ users, from, limit }) => {
  await crowd(users, new Array(8).fill(10), { from });
  const counts = await served((3 * users) / limit, limit);
  expect(counts.size).toBe(users);
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(2);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(4);
});

test('weights hold among them', async () => {
  await crowd(150, new Array(12).fill(10), { from: 3000, weights: 2 });
  const counts = await served(450, 1);
  const of = (odd: number) => [...counts].reduce((sum, [id, count]) => sum + (id % 2 === odd ? count : 0), 0);
  expect(of(1) / of(0)).toBeGreaterThan(1.6);
  expect(of(1) / of(0)).toBeLessThan(2.5);
});

test('several hundred users with one request each are all served by few claims', async () => {
  await crowd(300, [10]);
  const first = await worker.claim({ embed: 100 });
  expect(new Set(first.map(({ user_id }) => user_id)).size).toBe(100);
  expect(await worker.claim({ embed: 300 })).toHaveLength(200);
});

test('one request that may come is found among those of hundreds of users that may not', async () => {
  await crowd(350, [9000, 9000]);
  const superuser = await queue.superuser();
  await superuser.rows(`update steadytext_queue set cost_estimate = 1 where user_id = 40`);
  const claim = () => worker.claim({ embed: 1 }, { largest: 512, largeLimit: 0 });
  expect((await claim()).map(({ user_id }) => user_id)).toEqual([40]);
  expect((await claim()).map(({ user_id }) => user_id)).toEqual([40]);
  expect(await claim()).toEqual([]);
});

test('where a worker goes on is forgotten when few wait, and when it leaves', async () => {
  const superuser = await queue.superuser();
  const cursors = () => superuser.value('select count(*)::int from steadytext_private.claim_cursors');
  await crowd(120, [10]);
  await worker.claim({ embed: 1 });
  expect(await cursors()).toBe(1);
  await worker.claim({ embed: 60 });
  await worker.claim({ embed: 1 });
  expect(await cursors()).toBe(0);
  await crowd(120, [10]);
  await worker.claim({ embed: 1 });
  await worker.client.query('select steadytext_private.retire_worker($1)', [worker.id]);
  expect(await cursors()).toBe(0);
});
