// A claim of which only some may be large: what takes long has few places, and what does not goes past it.
import { beforeEach, describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { type Claimed, EMBEDDING_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
const LARGEST = 512;

let worker: WorkerSession;
beforeEach(async () => {
  worker = await queue.worker();
});

/** Documents and words, in the order given, of a user of their own. */
async function requests(costs: readonly number[], isolated = false): Promise<number> {
  const superuser = await queue.superuser();
  const userId = await superuser.value(
    `insert into steadytext_users (role_name, role_oid)
     select 'user' || count(*), 3000 + count(*) from steadytext_users returning user_id`,
  );
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, cost_estimate, isolated)
     select gen_random_uuid(), $1, 'embed', $2, c.cost::text, c.cost, $4
     from unnest($3::real[]) with ordinality as c (cost, position) order by c.position`,
    [userId, EMBEDDING_MODEL, costs, isolated],
  );
  return userId as number;
}

const claim = (embed: number, largeLimit: number, more: object = {}) =>
  worker.claim({ embed }, { largest: LARGEST, largeLimit, ...more });
const costsOf = (claimed: readonly Claimed[]) => claimed.map(({ input_tokens }) => input_tokens);

test('without a bound nothing is large, however few large ones may come', async () => {
  await requests([9000, 1]);
  expect(costsOf(await worker.claim({ embed: 2 }, { largest: null, largeLimit: 0 }))).toEqual([9000, 1]);
});

describe('of one user', () => {
  test('so many large ones are given, in their order; the others of the claim are free again', async () => {
    await requests([9000, 1, 8000, 7000, 2]);
    expect(costsOf(await claim(5, 2))).toEqual([9000, 1, 8000, 2]);
    expect(costsOf(await claim(5, 1))).toEqual([7000]);
  });

  test('where no large one may come, those behind them come in their place', async () => {
    await requests([...new Array(300).fill(9000), 1, 2, 3]);
    expect(costsOf(await claim(47, 0))).toEqual([1, 2, 3]);
  });

  test('and those behind thousands of them wait: a claim does not walk past all', async () => {
    await requests([...new Array(300).fill(9000), 1]);
    expect(await claim(44, 0)).toEqual([]);
    expect(costsOf(await claim(45, 0))).toEqual([1]);
  });

  test('who names no bounds gets what comes first', async () => {
    await requests([9000, 1, 8000]);
    expect(costsOf(await worker.claim({ embed: 3 }))).toEqual([9000, 1, 8000]);
  });
});

describe('of several', () => {
  test('each has a large one before anybody has a second', async () => {
    const [many, few] = [await requests([9000, 9000, 9000, 9000]), await requests([8000])];
    const claimed = await claim(10, 2);
    expect(new Set(claimed.map(({ user_id }) => user_id))).toEqual(new Set([many, few]));
    expect(claimed).toHaveLength(2);
  });

  test('the large ones of one do not keep out the small ones of another', async () => {
    await requests(new Array(1000).fill(9000));
    const few = await requests([1, 2]);
    const claimed = await claim(10, 0);
    expect(claimed.map(({ user_id }) => user_id)).toEqual([few, few]);
  });

  test('nor do those of many users, who would have their turn first each time', async () => {
    for (let i = 0; i < 5; i++) await requests([9000, 9000, 9000]);
    const few = await requests(new Array(20).fill(1));
    for (let i = 0; i < 20; i++) expect((await claim(1, 0)).map(({ user_id }) => user_id)).toEqual([few]);
    expect(await claim(1, 0)).toEqual([]);
  });

  test('a user who was alone is charged for that: whoever comes next goes first', async () => {
    const alone = await requests([9000, 9000, 9000]);
    expect(costsOf(await claim(1, 1))).toEqual([9000]);
    const next = await requests([9000]);
    expect((await claim(1, 1)).map(({ user_id }) => user_id)).toEqual([next]);
    expect((await claim(1, 1)).map(({ user_id }) => user_id)).toEqual([alone]);
  });
});

test('isolated ones are passed over, or counted, also where no large one may come', async () => {
  await requests([1, 2], true);
  await requests([9000, 3]);
  expect(costsOf(await claim(10, 0, { isolatedLimit: 0 }))).toEqual([3]);
  await requests([4]);
  expect(costsOf(await claim(10, 0, { isolatedLimit: 1 })).sort()).toEqual([1, 4]);
  expect(costsOf(await claim(10, 0, { isolatedLimit: 5 }))).toEqual([2]);
});

test('where neither may come, one that is both or either of them does not stand for those behind it', async () => {
  await requests([1], true);
  await requests([9000]);
  await requests([2, 9000], true);
  await requests([3, 9000]);
  for (const limit of [1, 2]) {
    const claimed = await claim(limit, 0, { isolatedLimit: 0 });
    expect(costsOf(claimed)).toEqual(limit === 1 ? [3] : []);
  }
});

test('what one round of a claim has taken of large ones is not there for the next', async () => {
  await requests([1, 2, 9000, 3]);
  await requests([8000]);
  expect(costsOf(await claim(4, 1)).sort()).toEqual([1, 2, 3, 8000]);
});

test('isolated and large ones are counted apart, and one may be both', async () => {
  await requests([9000, 9000], true);
  await requests([8000, 1]);
  expect(costsOf(await claim(10, 2, { isolatedLimit: 1 })).sort()).toEqual([1, 8000, 9000]);
});

test('what of a text is not read is not counted; what is averaged over its parts is read', async () => {
  const login = await queue.session('writer');
  const long = 'x'.repeat(40_000);
  await login.rows(`select steadytext_embed_async($1), steadytext_embed_async($1, on_long_text => 'average')`, [long]);
  await login.rows(`insert into steadytext_queue (prompt, request_type) values ($1, 'embed')`, [long]);
  await login.rows(`select steadytext_generate_async($1, max_tokens => 100)`, [long]);
  const superuser = await queue.superuser();
  const rows = await superuser.rows('select cost_estimate from steadytext_queue order by id');
  expect(rows.map((row) => row.cost_estimate)).toEqual([512, 10_000, 512, 10_100]);
});

test('what an answer may have does not make a request large; a character of three octets is two tokens and more', async () => {
  const login = await queue.session('writer');
  await login.rows(`select steadytext_generate_async('x', max_tokens => 2000)`);
  await login.rows(`select steadytext_generate_async(repeat('水', 800), max_tokens => 1)`);
  const claimed = await worker.claim({ generate: 2 }, { largest: LARGEST, largeLimit: 0 });
  expect(claimed.map(({ prompt, input_tokens }) => [prompt, input_tokens])).toEqual([['x', 1]]);
  expect((await worker.claim({ generate: 1 })).map(({ input_tokens }) => input_tokens)).toEqual([1800]);
});
