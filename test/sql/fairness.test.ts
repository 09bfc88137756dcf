// Who is served next: users by their weights, one user's requests by priority.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { type Claimed, EMBEDDING_MODEL, WorkerSession } from './support/worker-session.ts';

const queue = useQueue();

/** Requests of made-up users, who need no logins here. */
async function backlog(user: string, count: number, { weight = 1, cost = 1, priority = 5 } = {}): Promise<number> {
  const superuser = await queue.superuser();
  const userId = await superuser.value(
    `with known as (update steadytext_users set weight = $2 where role_name = $1 returning user_id),
          made as (insert into steadytext_users (role_name, role_oid, weight)
                   select $1, 3000 + (select count(*) from steadytext_users), $2 where not exists (select from known) returning user_id)
     select user_id from known union all select user_id from made`,
    [user, weight],
  );
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, cost_estimate, priority)
     select gen_random_uuid(), $1, 'embed', $2, 'x', $3, $4 from generate_series(1, $5)`,
    [userId, EMBEDDING_MODEL, cost, priority, count],
  );
  return userId as number;
}

function share(claimed: readonly Claimed[], user: number): number {
  return claimed.filter(({ user_id }) => user_id === user).length;
}

async function claims(worker: WorkerSession, times: number, limit: number): Promise<Claimed[]> {
  const all: Claimed[] = [];
  for (let i = 0; i < times; i++) all.push(...(await worker.claim({ embed: limit })));
  return all;
}

let worker: WorkerSession;
beforeEach(async () => {
  worker = await queue.worker();
});

describe('between users', () => {
  test.each([
    { limit: 1, times: 60 },
    { limit: 7, times: 20 },
    { limit: 100, times: 3 },
  ])('weights decide, in claims of $limit', async ({ limit, times }) => {
    const heavy = await backlog('heavy', 400, { weight: 2 });
    const light = await backlog('light', 400, { weight: 1 });
    const claimed = await claims(worker, times, limit);
    expect(claimed).toHaveLength(limit * times);
    expect(Math.abs(share(claimed, heavy) - 2 * share(claimed, light))).toBeLessThanOrEqual(3);
  });

  test.each([
    { weights: [1, 1, 1, 1, 0.25], limit: 4 },
    { weights: [4, 1, 1, 1, 0.25], limit: 1 },
    { weights: [4, 1, 1, 1, 0.25], limit: 4 },
    { weights: [50, 1, 1, 1], limit: 1 },
    { weights: [50, 1, 1, 1], limit: 2 },
    { weights: [5, 1], limit: 1 },
  ])('nobody is left out, whatever the weights: $weights in claims of $limit', async ({ weights, limit }) => {
    const rows = 212;
    const users = [];
    for (const [i, weight] of weights.entries()) users.push(await backlog(`w${i}`, rows, { weight }));
    const claimed = await claims(worker, rows / limit, limit);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [i, weight] of weights.entries()) {
      expect(Math.abs(share(claimed, users[i]!) - (rows * weight) / sum)).toBeLessThanOrEqual(limit + 1);
    }
    expect(Math.min(...users.map((user) => share(claimed, user)))).toBeGreaterThan(0);
  });

  test('one user with many requests does not delay the first of another by a batch', async () => {
    await backlog('many', 3000);
    await claims(worker, 3, 100);
    const few = await backlog('few', 1);
    expect(share(await worker.claim({ embed: 10 }), few)).toBe(1);
  });

  test('what users have no use for goes to the others in the same claim', async () => {
    const [many, some, few] = [await backlog('many', 500), await backlog('some', 35), await backlog('few', 5)];
    const claimed = await worker.claim({ embed: 90 });
    expect([many, some, few].map((user) => share(claimed, user))).toEqual([50, 35, 5]);
  });

  test('what two connections of one worker claim at once is counted together', async () => {
    const users = [await backlog('one', 500), await backlog('two', 500)];
    const other = new WorkerSession((await queue.worker()).client, worker.id);
    await claims(worker, 1, 10);
    await worker.client.query('begin');
    const first = await worker.claim({ embed: 40 });
    const second = other.claim({ embed: 40 });
    await worker.client.query('commit');
    const claimed = [...first, ...(await second)];
    const superuser = await queue.superuser();
    for (const user of users) {
      expect(
        await superuser.value('select virtual_finish from steadytext_private.virtual_times where user_id = $1', [user]),
      ).toBe(5 + share(claimed, user));
    }
  });

  test("a user's requests are taken to cost what its last ones did, not its first", async () => {
    const changed = await backlog('changed', 2, { cost: 900, priority: 9 });
    await backlog('changed', 500, { cost: 10 });
    const steady = await backlog('steady', 1000, { cost: 10 });
    await claims(worker, 20, 20);
    const claimed = await claims(worker, 5, 20);
    expect(Math.abs(share(claimed, changed) - share(claimed, steady))).toBeLessThanOrEqual(10);
  });

  test('having been away earns no credit, and having been served alone costs none', async () => {
    const steady = await backlog('steady', 2000);
    const guest = await backlog('guest', 20);
    await claims(worker, 4, 10);
    // The guest has nothing left; the other one goes on alone.
    await claims(worker, 10, 50);
    await backlog('guest', 500);
    const claimed = await claims(worker, 10, 10);
    expect(Math.abs(share(claimed, guest) - share(claimed, steady))).toBeLessThanOrEqual(10);
  });

  test('who goes on alone is where the others have got, and not back where its last share began', async () => {
    const steady = await backlog('steady', 2000);
    const guest = await backlog('guest', 100);
    // Both have a hundred, in one share each; the guest has no more.
    expect(share(await worker.claim({ embed: 200 }), guest)).toBe(100);
    await worker.claim({ embed: 10 });
    await backlog('guest', 500);
    const claimed = await worker.claim({ embed: 100 });
    expect(Math.abs(share(claimed, guest) - share(claimed, steady))).toBeLessThanOrEqual(4);
  });

  test('who comes back while others were served in its absence gets its share of the first claim, and not all of it', async () => {
    const users = [await backlog('steady', 2000), await backlog('other', 2000), await backlog('guest', 5)];
    await claims(worker, 30, 20);
    await backlog('guest', 500);
    const claimed = await worker.claim({ embed: 240 });
    for (const user of users) expect(Math.abs(share(claimed, user) - 80)).toBeLessThanOrEqual(10);
    // Each share is written down from where it began: from the present for the guest, and not from when it left.
    const written = `select virtual_finish - virtual_start as share from steadytext_private.virtual_times where user_id = $1`;
    const superuser = await queue.superuser();
    for (const user of users) expect(await superuser.value(written, [user])).toBe(share(claimed, user));
  });

  test('work counts, not the number of requests: long ones come seldomer', async () => {
    const long = await backlog('long', 500, { cost: 900 });
    const short = await backlog('short', 500, { cost: 100 });
    const claimed = await claims(worker, 40, 10);
    expect(share(claimed, short) / share(claimed, long)).toBeGreaterThan(7);
    expect(share(claimed, short) / share(claimed, long)).toBeLessThan(11);
  });

  test.each([1, 3])(
    'a user of dear requests is served among those of cheap ones, by their costs, in claims of %i',
    async (limit) => {
      const cheap = await Promise.all(['one', 'two'].map((name) => backlog(name, 400, { cost: 20 })));
      const dear = await backlog('dear', 40, { cost: 1000 });
      const claimed = await claims(worker, 309 / limit, limit);
      // 1000 tokens of each: 3 dear ones beside 2 × 150 cheap ones.
      expect(share(claimed, dear)).toBeGreaterThanOrEqual(3);
      expect(share(claimed, dear)).toBeLessThanOrEqual(4);
      expect(Math.abs(share(claimed, cheap[0]!) - share(claimed, cheap[1]!))).toBeLessThanOrEqual(limit);
    },
  );

  test('priority gets nobody before another user', async () => {
    const urgent = await backlog('urgent', 200, { priority: 10 });
    const patient = await backlog('patient', 200, { priority: 1 });
    const claimed = await claims(worker, 5, 20);
    expect([share(claimed, urgent), share(claimed, patient)]).toEqual([50, 50]);
  });

  test('several workers keep the weights together', async () => {
    const heavy = await backlog('heavy', 600, { weight: 3 });
    const light = await backlog('light', 600, { weight: 1 });
    const workers = await Promise.all(Array.from({ length: 4 }, () => queue.worker()));
    const claimed = (await Promise.all(workers.map((each) => claims(each, 10, 10)))).flat();
    expect(new Set(claimed.map(({ request_id }) => request_id)).size).toBe(400);
    expect(Math.abs(share(claimed, heavy) - 3 * share(claimed, light))).toBeLessThanOrEqual(4 * 4);
  });

  test('several workers serve several users first, and not all of them one after the other', async () => {
    const users = [];
    for (let i = 0; i < 40; i++) users.push(await backlog(`u${i}`, 20));
    const workers = await Promise.all(Array.from({ length: 10 }, () => queue.worker()));
    const rounds = async (times: number) => {
      const claimed: Claimed[] = [];
      for (let i = 0; i < times; i++)
        claimed.push(...(await Promise.all(workers.map((each) => claims(each, 1, 1)))).flat());
      return claimed;
    };
    const early = await rounds(4);
    expect(new Set(early.map(({ user_id }) => user_id)).size).toBeGreaterThan(12);
    // Each worker has served half of the users, and hardly anybody is in the other half of all ten.
    const claimed = [...early, ...(await rounds(16))];
    expect(users.filter((user) => share(claimed, user) === 0).length).toBeLessThan(5);
    const late = await backlog('late', 20);
    expect(share(await rounds(15), late)).toBeGreaterThan(0);
  });

  test('a claim in an open transaction makes no other worker wait', async () => {
    await backlog('one', 50);
    await backlog('two', 50);
    const other = await queue.worker();
    await worker.client.query('begin');
    const first = await worker.claim({ embed: 20 });
    await other.client.query(`set lock_timeout = '2s'`);
    const second = await other.claim({ embed: 100 });
    await worker.client.query('commit');
    expect(first).toHaveLength(20);
    expect(second).toHaveLength(80);
  });
});

describe('within one user', () => {
  /** In another order than they are due in. */
  async function enqueue(): Promise<void> {
    const alice = await queue.session('alice');
    const requests = { a: [5, 1], b: [10, 2], c: [1, 9], d: [10, 4], e: [5, 3] };
    for (const [prompt, [priority, minutes]] of Object.entries(requests)) {
      await alice.rows(
        'select steadytext_embed_async($1, priority => $2, scheduled_at => now() - make_interval(mins => $3))',
        [prompt, priority, minutes],
      );
    }
  }

  test.each([{}, { largest: 512, largeLimit: 0 }])(
    'higher priority runs first, then what was due first, in a claim with the bounds %j',
    async (bounds) => {
      await enqueue();
      const order: string[] = [];
      for (let i = 0; i < 5; i++) order.push((await worker.claim({ embed: 1 }, bounds))[0]!.prompt);
      expect(order.join('')).toBe('dbeac');
    },
  );

  test('a claim gives them in the order to run', async () => {
    await enqueue();
    expect((await worker.claim({ embed: 5 })).map(({ prompt }) => prompt).join('')).toBe('dbeac');
  });

  test('a claim is by request type and model, each with its own limit', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`select steadytext_embed_batch_async(array['e1', 'e2', 'e3'])`);
    await alice.rows(`select steadytext_generate_batch_async(array['g1', 'g2', 'g3'])`);
    const claimed = await worker.claim({ embed: 2, generate: 1, rerank: 9 });
    expect(claimed.map(({ prompt }) => prompt).sort()).toEqual(['e1', 'e2', 'g1']);
    expect(await worker.claim({ embed: 0 })).toEqual([]);
  });
});

test.each([
  { rows: 10, times: [0, 0], rates: [1, 1], shares: [5, 5] },
  { rows: 9, times: [0, 0], rates: [2, 1], shares: [6, 3] },
  { rows: 6, times: [0, 4], rates: [1, 1], shares: [5, 1] },
  { rows: 6, times: [0, 100], rates: [1, 1], shares: [6, 0] },
  { rows: 1, times: [1, 0], rates: [1, 1], shares: [0, 1] },
  // After a whole row the first stands at 0.5, and the second lower.
  { rows: 2, times: [0, 0.4], rates: [2, 1], shares: [1, 1] },
])('$rows rows from $times at $rates are $shares', async ({ rows, times, rates, shares }) => {
  const superuser = await queue.superuser();
  expect(await superuser.value('select steadytext_private.divide_rows($1, $2, $3)', [rows, times, rates])).toEqual(
    shares,
  );
});

test('shares add up, go to whom time is lowest, and bring everybody served to one level', async () => {
  const superuser = await queue.superuser();
  const user = fc.record({
    time: fc.integer({ min: 0, max: 50_000 }).map((time) => time / 1000),
    rate: fc.integer({ min: 100, max: 20_000 }).map((rate) => rate / 1000),
  });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 200 }),
    fc.array(user, { minLength: 1, maxLength: 20 }),
    async (rows, users) => {
      const shares = (await superuser.value('select steadytext_private.divide_rows($1, $2, $3)', [
        rows,
        users.map(({ time }) => time),
        users.map(({ rate }) => rate),
      ])) as number[];
      expect(shares.reduce((sum, each) => sum + each, 0)).toBe(rows);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      // A row more would have brought nobody who was served further than one row above anybody else.
      const levels = users.map(({ time, rate }, i) => ({ got: shares[i]!, level: time + shares[i]! / rate, rate }));
      for (const a of levels.filter(({ got }) => got > 0)) {
        for (const b of levels) expect(a.level - 1 / a.rate).toBeLessThanOrEqual(b.level + 1 / b.rate + 1e-6);
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
