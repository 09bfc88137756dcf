// What a request would take, told before it is enqueued.
import { beforeAll, expect, test } from 'vitest';
import { run, useServedDigest } from './support/cached.ts';
import { type Row, type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import type { WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useServedDigest(queue);
let alice: Session;
let worker: WorkerSession;

beforeAll(async () => {
  alice = await queue.session('alice');
  worker = await queue.worker();
});

const estimate = async (call: string, session = alice): Promise<Row> =>
  (await session.rows(`select * from steadytext_estimate(${call})`))[0]!;

test('without a worker the tokens are told, and no wait; nothing is enqueued', async () => {
  expect(await estimate(`repeat('word ', 80), max_tokens => 20`)).toEqual({
    prompt_tokens: 100,
    max_total_tokens: 120,
    cache_hit: false,
    requests_ahead: '0',
    wait_seconds: null,
    budget_left: null,
  });
  expect(await alice.value('select count(*)::int from steadytext_requests')).toBe(0);
  const stranger = await queue.session('stranger');
  await estimate(`'x'`, stranger);
  expect(await stranger.value('select current_user_id()')).toBe(null);
});

test.each([
  [`'Hello.'`, 'generate', {}, 2, 514],
  [`'Hello.'`, 'embed', {}, 2, 2],
  [`repeat('x', 40000)`, 'embed', {}, 512, 512],
  [`repeat('x', 40000)`, 'embed', { on_long_text: 'average' }, 10_000, 10_000],
  [`'Hello.'`, 'rerank', { documents: ['a b c d ', 'b'] }, 5, 5],
  [`'Hello.'`, 'generate', { choices: ['yes', 'no'] }, 2, 5],
])('%s to %s, %o: as the fleet reckons it', async (prompt, type, params, tokens, total) => {
  const [row] = await alice.rows(`select * from steadytext_estimate(${prompt}, $1, params => $2)`, [type, params]);
  expect([row!.prompt_tokens, row!.max_total_tokens]).toEqual([tokens, total]);
});

test('a hit of the cache is told of, and takes no wait; with other options there is none', async () => {
  await run(alice, worker, `select steadytext_generate_async('known', 20)`);
  await worker.beat(1000, { digest: 'sha256:test' });
  expect(await estimate(`'known', max_tokens => 20`)).toMatchObject({ cache_hit: true, wait_seconds: 0 });
  expect(await estimate(`'known', max_tokens => 21`)).toMatchObject({ cache_hit: false });
  expect(await estimate(`'known', max_tokens => 20, params => '{"use_cache": false}'`)).toMatchObject({
    cache_hit: false,
  });
  const bob = await queue.session('bob');
  expect(await estimate(`'known', max_tokens => 20`, bob)).toMatchObject({ cache_hit: false });
});

test('the wait is what the own requests before it take, as they did lately', async () => {
  const enqueue = (session: Session, priority = 5) =>
    session.rows(
      `select steadytext_generate_batch_async(array_agg('p' || n), use_cache => false, priority => $1) from generate_series(1, 4) n`,
      [priority],
    );
  await worker.beat(1000, { digest: 'sha256:test' });
  await enqueue(alice);
  expect(await estimate(`'new'`), 'nothing has ended yet').toMatchObject({ requests_ahead: '4', wait_seconds: null });
  await worker.settle(await worker.claim({ generate: 4 }));
  const superuser = await queue.superuser();
  await superuser.rows(
    `update steadytext_queue q set created_at = now() - interval '60 seconds', scheduled_at = now() - interval '60 seconds',
       started_at = now() - interval '60 seconds', completed_at = now() - interval '60 seconds' + n * interval '2 seconds'
     from (select id, row_number() over () as n from steadytext_queue) o where o.id = q.id`,
  );
  expect(await estimate(`'new'`)).toMatchObject({ requests_ahead: '0', wait_seconds: 0 });
  await enqueue(alice);
  await enqueue(alice, 3);
  await worker.claim({ generate: 1 });
  expect(await estimate(`'new'`)).toMatchObject({ requests_ahead: '4', wait_seconds: 8 });
  expect(await estimate(`'new', priority => 3`)).toMatchObject({ requests_ahead: '8', wait_seconds: 16 });
  expect(await estimate(`'new', priority => 9`)).toMatchObject({ requests_ahead: '1', wait_seconds: 2 });
  expect(await estimate(`'new', 'embed'`), 'of another type').toMatchObject({
    requests_ahead: '0',
    wait_seconds: null,
  });
  await superuser.rows(`update steadytext_workers set heartbeat_at = now() - interval '1 minute'`);
  expect(await estimate(`'new'`), 'no worker lives').toMatchObject({ requests_ahead: '4', wait_seconds: null });
});

test('of others nothing is told, however much of them waits', async () => {
  const bob = await queue.session('bob');
  await worker.beat(1000, { digest: 'sha256:test' });
  await run(bob, worker, `select steadytext_generate_async('x', use_cache => false)`);
  await bob.rows(`select steadytext_generate_batch_async(array_agg('p' || n)) from generate_series(1, 50) n`);
  expect(await estimate(`'new'`)).toMatchObject({ requests_ahead: '0', wait_seconds: null });
});

test.each([
  ['null', 'P0001', /^Prompt cannot be null/],
  [`' '`, 'P0001', /^Prompt cannot be empty/],
  [`repeat('x', 100001)`, 'ST009', /100000 characters/],
  [`'x', 'paint'`, 'ST004', /^request_type should be generate, embed, rerank, .*, but is paint/],
  [`'x', null`, 'ST004', /^request_type/],
  [`'x', max_tokens => 5000`, 'P0001', /max_tokens must be between/],
  [`'x', model => 'nobody'`, 'ST003', /nobody/],
  [`'x', priority => 11`, 'ST004', /^priority/],
  [`'x', params => '[]'`, 'ST004', /^params should be a JSON object/],
  [`'x', params => '{"colour": 1}'`, 'ST004', /colour/],
  [`'x', 'rerank'`, 'P0001', /[Dd]ocuments/],
])('steadytext_estimate(%s) is refused', async (call, code, message) => {
  const refused = await refusal(alice, `select * from steadytext_estimate(${call})`);
  expect(refused).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(/\w/) });
});
