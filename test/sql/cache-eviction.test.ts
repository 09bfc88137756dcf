// What leaves the cache: cleared by users, evicted by administrators and by the fleet, and never in anybody's way.
import { beforeEach, expect, test } from 'vitest';
import { requests, run, stats, useServedDigest } from './support/cached.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
useServedDigest(queue);

let [alice, admin, superuser] = [] as unknown as [Session, Session, Session];
beforeEach(async () => {
  [alice, admin] = [await queue.session('alice'), await queue.session('ann', ['steadytext_admin'])];
  superuser = await queue.superuser();
});

/** Entries of 1 MB each with so many uses, hours since the last one, and hours since they were made. */
async function fill(entries: Readonly<Record<string, readonly [number, number, number]>>, type = 'generation') {
  await alice.rows(`select steadytext_generate_async('makes the user', use_cache => false)`);
  for (const [key, [uses, last, made]] of Object.entries(entries))
    await superuser.rows(
      `insert into steadytext_cache_entries
         (user_id, cache_key, cache_type, model, model_digest, result, receipt, entry_bytes, access_count, last_accessed, created_at)
       values ((select min(user_id) from steadytext_queue), $1, $2, 'm', 'd', 'x', '{}', 1048576, $3,
         now() - make_interval(hours => $4), now() - make_interval(hours => $5))`,
      [key, type, uses, last, made],
    );
}

async function keys(): Promise<string> {
  const rows = await superuser.rows('select cache_key from steadytext_cache_entries order by cache_key');
  return rows.map(({ cache_key }) => cache_key).join('');
}

test.each([
  // A doubling of its uses is worth a day: b was used twice as often as a, and two days before.
  ['frecency', { a: [3, 1, 9], b: [7, 49, 9], c: [0, 26, 9] }, 'a'],
  ['lru', { a: [3, 1, 9], b: [7, 49, 9], c: [0, 26, 9] }, 'a'],
  ['lfu', { a: [3, 1, 9], b: [7, 49, 9], c: [0, 26, 9] }, 'b'],
  ['fifo', { a: [3, 1, 9], b: [7, 1, 8], c: [0, 1, 7] }, 'c'],
] as const)('%s leaves what it ranks first', async (strategy, entries, left) => {
  await fill(entries);
  const evicted = await admin.rows(`select * from steadytext_evict_cache('generation', 1, $1)`, [strategy]);
  expect(evicted).toEqual([{ evicted_count: '2', freed_size_mb: 2, remaining_entries: '1', remaining_size_mb: 1 }]);
  expect(await keys()).toBe(left);
});

test('ttl takes what is past its time and nothing else, and every strategy takes that first', async () => {
  const entries = { a: [9, 0, 200], b: [0, 9, 9], c: [9, 0, 200] } as const;
  await fill(entries);
  await admin.rows(`select steadytext_evict_cache(target_memory_mb := 0, eviction_strategy := 'ttl')`);
  expect(await keys()).toBe('b');
  await fill({ a: entries.a, c: entries.c });
  await admin.rows('select steadytext_evict_cache(target_memory_mb := 1)');
  expect(await keys()).toBe('b');
});

test('what is younger than the least age stays, and what is below the target', async () => {
  await fill({ a: [0, 5, 5], b: [0, 5, 5], c: [0, 1, 1] });
  await admin.rows(
    `select steadytext_evict_cache(cache_type := 'generation', target_memory_mb := 0, min_age_hours := 2)`,
  );
  expect(await keys()).toBe('c');
  await admin.rows('select steadytext_evict_cache(target_memory_mb := 1)');
  expect(await keys()).toBe('c');
});

test('without a type each gives up its share; the others are named', async () => {
  await fill({ a: [0, 5, 5], b: [0, 5, 5], c: [0, 5, 5], d: [0, 5, 5] });
  await fill({ e: [0, 5, 5], f: [0, 5, 5] }, 'embedding');
  expect(await admin.rows('select remaining_entries from steadytext_evict_cache(target_memory_mb := 3)')).toEqual([
    { remaining_entries: '3' },
  ]);
  expect((await keys()).replace(/[ef]/g, '')).toHaveLength(2);
  await admin.rows(`select steadytext_evict_cache('embedding', 0)`);
  expect(await keys()).not.toMatch(/[ef]/);
});

test('the names of the reference evict by number and size', async () => {
  const entries = { a: [5, 9, 9], b: [1, 8, 8], c: [0, 7, 7] } as const;
  await fill(entries);
  expect(await admin.rows('select * from steadytext_cache_evict_by_age(target_entries => 2)')).toMatchObject([
    { evicted_count: '1', remaining_entries: '2' },
  ]);
  expect(await keys()).toBe('bc');
  await admin.rows('select steadytext_cache_evict_by_age(target_size_mb => 0.5)');
  await fill(entries);
  await admin.rows('select steadytext_cache_evict_by_frecency(target_entries => 0)');
  expect(await keys(), 'what was given twice stays').toBe('a');
});

test('the sizes of the settings are what the schedule leaves, where it is on', async () => {
  const worker = await queue.worker();
  const tend = () => worker.client.query('select steadytext_private.tend_cache()');
  await fill({ a: [0, 9, 9], b: [0, 8, 8], c: [0, 7, 7] });
  await tend();
  expect(await keys()).toBe('abc');
  const set = (name: string, value: string) =>
    admin.rows('update steadytext_settings set value = $2 where name = $1', [name, value]);
  await set('generation_cache_size', '2MB');
  await set('cache_eviction_enabled', 'false');
  await tend();
  await admin.rows('select steadytext_cache_scheduled_eviction()');
  expect(await keys()).toBe('abc');
  await set('cache_eviction_enabled', 'true');
  await tend();
  expect(await keys()).toBe('bc');
  await set('cache_max_entries', '1');
  await admin.rows('select steadytext_cache_scheduled_eviction()');
  expect(await keys()).toBe('c');
  await set('cache_max_entries', '10');
  await set('cache_memory_target', '1MB');
  await fill({ d: [0, 1, 1] });
  await tend();
  expect(await keys()).toBe('d');
});

test('a job of pg_cron that our owner can see takes the place of the schedule', async () => {
  const worker = await queue.worker();
  await fill({ a: [0, 9, 200] });
  await superuser.rows('create schema cron; create table cron.job (active boolean, database text, command text)');
  try {
    await superuser.rows(
      'grant usage on schema cron to steadytext_owner; grant select on cron.job to steadytext_owner',
    );
    await superuser.rows(
      `insert into cron.job values (true, current_database(), 'SELECT steadytext_evict_cache(target_memory_mb := 5)')`,
    );
    await worker.client.query('select steadytext_private.tend_cache()');
    expect(await keys()).toBe('a');
    await superuser.rows('revoke select on cron.job from steadytext_owner');
    await worker.client.query('select steadytext_private.tend_cache()');
    expect(await keys(), 'what it cannot see is as if it were not there').toBe('');
  } finally {
    await superuser.rows('drop schema cron cascade');
  }
});

test('evictions take turns, are written down, and no reader waits for one', async () => {
  await fill({ a: [0, 9, 9], b: [0, 8, 8] });
  const other = await queue.session('ann', ['steadytext_admin']);
  await admin.rows('begin');
  await admin.rows(`select steadytext_evict_cache('generation', 1)`);
  expect(await other.rows('select * from steadytext_evict_cache(target_memory_mb := 0)')).toEqual([]);
  expect(await stats(alice)).toEqual([0, 0, 2]);
  await admin.rows('commit');
  expect(await stats(alice)).toEqual([0, 0, 1]);
  expect(await admin.rows('select * from eviction_history')).toMatchObject([
    {
      cache_type: 'generation',
      entries_before: '2',
      entries_after: '1',
      bytes_freed: '1048576',
      eviction_strategy: 'frecency',
    },
  ]);
});

test('a settle waits for no eviction: the result is there, and not kept', async () => {
  const worker = await queue.worker();
  const enqueue = `select steadytext_generate_async('hello', 10)`;
  await run(alice, worker, enqueue);
  await superuser.rows(`update steadytext_cache_entries set created_at = now() - interval '8 days'`);
  await admin.rows('begin');
  await admin.rows('select steadytext_evict_cache(target_memory_mb := 0)');
  const [, again] = await run(alice, worker, enqueue, { result: 'second' });
  await admin.rows('commit');
  expect(again).toMatchObject({ status: 'completed', result: 'second' });
  expect(await keys()).toBe('');
});

test('what is cleared counts no more from the commit on, for oneself alone, and holds up nobody meanwhile', async () => {
  const [bob, worker] = [await queue.session('bob'), await queue.worker()];
  const enqueue = `select steadytext_generate_async('hello', 10), steadytext_embed_async('hello')`;
  for (const each of [alice, bob]) await run(each, worker, enqueue);
  await alice.rows('begin');
  expect(await alice.value(`select steadytext_clear_cache('generation')`)).toBe('1');
  const other = await queue.session('alice');
  expect(await stats(other)).toEqual([0, 1, 1]);
  await run(other, worker, `select steadytext_generate_async('hello', 10, use_cache => true)`);
  await alice.rows('commit');
  expect(await stats(alice)).toEqual([1, 1, 0]);
  expect([await stats(alice, 'embedding'), await stats(bob)]).toEqual([
    [0, 1, 1],
    [0, 1, 1],
  ]);
  await run(alice, worker, enqueue, { result: 'second' });
  await alice.rows(enqueue);
  expect((await requests(alice)).filter(({ result }) => result === 'second')).toHaveLength(2);

  expect(await admin.value('select steadytext_cache_clear()')).toBe('4');
  expect([await stats(bob), await stats(alice, 'embedding')]).toEqual([
    [0, 1, 0],
    [2, 1, 0],
  ]);
  const [logged] = await superuser.rows(
    `select parameters from steadytext_audit_log where event_type = 'cache_cleared'`,
  );
  expect(logged!.parameters).toMatchObject({ cache_type: 'all', entries: 4 });
});

test('hits are added up by the fleet, and are the same before and after', async () => {
  const worker = await queue.worker();
  const enqueue = `select steadytext_generate_async('hello', 10)`;
  await run(alice, worker, enqueue);
  for (let i = 0; i < 3; i++) await alice.rows(enqueue);
  expect(await stats(alice)).toEqual([3, 1, 1]);
  await worker.client.query('select steadytext_private.tend_cache()');
  expect(await stats(alice)).toEqual([3, 1, 1]);
  const [row] = await alice.rows('select access_count, last_accessed > created_at as later from steadytext_cache');
  expect(row).toEqual({ access_count: '3', later: true });
  expect(await superuser.rows('select from steadytext_private.cache_touches')).toEqual([]);
  await alice.rows(enqueue);
  expect(await stats(alice)).toEqual([4, 1, 1]);
  const [performance] = await alice.rows(`select * from cache_performance where cache_type = 'generation'`);
  expect(performance).toMatchObject({ hit_count: '4', miss_count: '1', hit_rate: '80.00', entry_count: '1' });
  expect(performance!.cache_size).toMatch(/^\d+ bytes$/);
});

test('age and use are told in five rows, and what goes next by the strategy of the settings', async () => {
  await fill({ a: [2, 1, 2], b: [0, 2, 3], c: [0, 30, 30] });
  expect(await alice.rows('select * from steadytext_cache_analyze_usage() where entry_count > 0')).toEqual([
    {
      age_bucket: '1 hour - 1 day',
      entry_count: '2',
      avg_access_count: 1,
      total_size_mb: 2,
      percentage_of_cache: 66.67,
    },
    {
      age_bucket: '1 day - 7 days',
      entry_count: '1',
      avg_access_count: 0,
      total_size_mb: 1,
      percentage_of_cache: 33.33,
    },
  ]);
  const next = () => alice.rows('select cache_key from steadytext_cache_preview_eviction(1)');
  expect(await next()).toEqual([{ cache_key: 'c' }]);
  await admin.rows(`update steadytext_settings set value = 'fifo' where name = 'cache_eviction_strategy'`);
  await fill({ d: [9, 0, 40] });
  expect(await next()).toEqual([{ cache_key: 'd' }]);
});

test.each([
  [
    `steadytext_evict_cache('text')`,
    'cache_type should be generation, embedding, reranking, or null for all, but is "text"',
  ],
  ['steadytext_evict_cache(target_memory_mb => -1)', 'target size should be 0 to 1000000000 MB, but is -1'],
  [
    `steadytext_evict_cache(eviction_strategy => 'x')`,
    'eviction_strategy should be frecency, lru, lfu, fifo or ttl, but is "x"',
  ],
  [
    'steadytext_evict_cache(eviction_strategy => null)',
    'eviction_strategy should be frecency, lru, lfu, fifo or ttl, but is null',
  ],
  ['steadytext_evict_cache(min_age_hours => -1)', 'min_age_hours should be 0 to 876000, but is -1'],
  ['steadytext_cache_evict_by_age(-1)', 'target_entries should be 0 or more, but is -1'],
  ['steadytext_cache_evict_by_age(batch_size => 0)', 'batch_size should be 1 or more, but is 0'],
  ['steadytext_cache_evict_by_frecency(min_access_count => -1)', 'min_access_count should be 0 or more, but is -1'],
  [`steadytext_cache_evict_by_age(target_size_mb => 'nan')`, 'target size should be 0 to 1000000000 MB, but is NaN'],
])('%s is refused in words', async (call, message) => {
  const refused = await refusal(admin, `select ${call}`);
  expect(refused).toMatchObject({ code: 'ST004', message, hint: expect.stringMatching(/\w/) });
});
