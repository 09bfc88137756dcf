// More users than one claim looks at: all are served equally, whatever their numbers are, and who has something is found.
import { beforeEach, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { EMBEDDING_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

let worker: WorkerSession;
beforeEach(async () => {
  worker = await queue.worker();
});

interface Crowd {
  readonly from?: number;
  /** SQL of a user's number within the crowd, g. */
  readonly weight?: string;
}

/** So many users from a number on, each with requests of these costs. */
async function crowd(users: number, costs: readonly number[], { from = 0, weight = '1' }: Crowd = {}) {
  const superuser = await queue.superuser();
  await superuser.rows('delete from steadytext_users');
  await superuser.rows(
    `insert into steadytext_users (user_id, role_name, role_oid, weight) overriding system value
     select $1 + g, 'crowd_' || g, 5000 + g, ${weight} from generate_series(1, $2) g`,
    [from, users],
  );
  await come('true', costs);
}

/** Further requests of those of the crowd. */
async function come(which: string, costs: readonly number[]) {
  const superuser = await queue.superuser();
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, cost_estimate)
     select gen_random_uuid(), user_id, 'embed', $1, 'x', c.cost
     from steadytext_users cross join unnest($2::real[]) as c (cost) where ${which}`,
    [EMBEDDING_MODEL, costs],
  );
}

async function served(claims: number, limit: number, bounds: object = {}): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let i = 0; i < claims; i++) {
    for (const { user_id } of await worker.claim({ embed: limit }, bounds)) {
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

test.each([
  { weight: 2, limit: 1 },
  { weight: 50, limit: 8 },
])(
  'one of weight $weight among 220 has its share in claims of $limit, and nobody goes without',
  async ({ weight, limit }) => {
    await crowd(220, new Array(7).fill(10), { from: 3000, weight: `case when g = 7 then ${weight} else 1 end` });
    await come('user_id = 3007', new Array(400).fill(10));
    const rounds = 5;
    const counts = await served(((219 + weight) * rounds) / limit, limit);
    expect(counts.size).toBe(220);
    expect(Math.abs(counts.get(3007)! - weight * rounds)).toBeLessThanOrEqual(weight + 1);
    counts.delete(3007);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(rounds - 1);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(rounds + 1);
  },
);

test('weights hold beside users who have nothing that a claim may take', async () => {
  await crowd(320, [10, 10, 10], { weight: 'case when g = 7 then 50 else 1 end' });
  await come('user_id = 7', new Array(150).fill(10));
  await served(123, 3);
  // Six of them have large ones first, and stay furthest behind while no place for such is free.
  await come('user_id <= 6', new Array(300).fill(9000));
  const superuser = await queue.superuser();
  await superuser.rows('update steadytext_queue set priority = 9 where cost_estimate = 9000');
  const counts = await served(182, 2, { largest: 512, largeLimit: 0 });
  expect(counts.get(7)).toBeGreaterThanOrEqual(40);
  expect(Math.max(...[...counts].filter(([user]) => user !== 7).map(([, count]) => count))).toBeLessThanOrEqual(2);
});

test('who comes late is served like the others, also where others have dear requests', async () => {
  await crowd(250, []);
  await come('user_id <= 100 and user_id not in (50, 60)', new Array(12).fill(10));
  await come('user_id > 100', new Array(4).fill(500));
  await served(250, 2);
  await come('user_id in (50, 60)', new Array(12).fill(10));
  const counts = await served(250, 2);
  const cheap = [...counts].filter(([user]) => user <= 100).map(([, count]) => count);
  expect(cheap).toHaveLength(100);
  expect(Math.min(...cheap)).toBeGreaterThanOrEqual(4);
  expect(Math.max(...cheap)).toBeLessThanOrEqual(6);
});

test('who has gone is forgotten, but not what it had beyond its share', async () => {
  await crowd(260, []);
  await come('user_id = 161', [9000]);
  await come('user_id = 162', [10]);
  expect(await worker.claim({ embed: 2 })).toHaveLength(2);
  await come('user_id <= 120', [10, 10, 10, 10, 10]);
  await come('user_id > 120 and user_id not in (161, 162)', [10]);
  const superuser = await queue.superuser();
  const known = (which: string) =>
    superuser.value(`select count(*)::int from steadytext_private.virtual_times where ${which}`);
  expect((await served(260, 2)).size).toBe(258);
  expect(await known('user_id > 120')).toBe(1);
  await come('user_id = 161', [10]);
  expect((await served(55, 2)).has(161)).toBe(false);
});

test('several hundred users with one request each are all served by few claims', async () => {
  await crowd(300, [10]);
  const first = await worker.claim({ embed: 100 });
  expect(new Set(first.map(({ user_id }) => user_id)).size).toBe(100);
  expect(await worker.claim({ embed: 300 })).toHaveLength(200);
});

test('each worker begins with others of several hundred users', async () => {
  await crowd(600, new Array(5).fill(10));
  const users = new Set<number>();
  for (let i = 0; i < 5; i++) {
    const other = await queue.worker();
    for (const { user_id } of await other.claim({ embed: 100 })) users.add(user_id);
  }
  expect(users.size).toBeGreaterThan(120);
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
