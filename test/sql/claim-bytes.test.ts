// A claim stops at what a worker has room for in memory, and a rescue at nobody's broken row.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const MEGABYTES = 1_000_000;

test('an enqueue notes the bytes of input and options, by function and by direct insert', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_rerank_async('frage', array['ä'])`);
  await alice.rows(`insert into steadytext_queue (prompt, request_type) values ('ää', 'embed')`);
  const rows = await alice.rows(
    'select input_bytes, octet_length(prompt) + octet_length(params::text) as bytes from steadytext_requests',
  );
  expect(rows).toHaveLength(2);
  for (const { input_bytes, bytes } of rows) expect(input_bytes).toBe(bytes);
});

test('a claim takes 32 MB and the rest later, and users share what fits', async () => {
  const worker = await queue.worker();
  const superuser = await queue.superuser();
  for (const name of ['alice', 'bob']) {
    const session = await queue.session(name);
    await session.rows(`select steadytext_embed_batch_async(array_fill('x'::text, array[60]))`);
  }
  await superuser.rows('update steadytext_queue set input_bytes = $1', [MEGABYTES]);
  const first = await worker.claim({ embed: 100 });
  expect(first).toHaveLength(34);
  const users = first.map(({ user_id }) => user_id);
  const counts = [...new Set(users)].map((user) => users.filter((one) => one === user).length);
  expect(counts).toEqual([17, 17]);
  const others: number[] = [];
  for (let claim = await worker.claim({ embed: 100 }); claim.length > 0; claim = await worker.claim({ embed: 100 }))
    others.push(claim.length);
  expect(others).toEqual([34, 34, 18]);
});

test('what one user leaves of its share goes to another within the same 32 MB', async () => {
  const worker = await queue.worker();
  const superuser = await queue.superuser();
  for (const [name, requests] of Object.entries({ alice: 60, bob: 2 })) {
    const session = await queue.session(name);
    await session.rows(`select steadytext_embed_batch_async(array_fill('x'::text, array[$1::int]))`, [requests]);
  }
  await superuser.rows('update steadytext_queue set input_bytes = $1', [MEGABYTES]);
  expect(await worker.claim({ embed: 40 })).toHaveLength(34);
});

test('one user alone is held to the same, and a request larger than the room runs by itself', async () => {
  const worker = await queue.worker();
  const superuser = await queue.superuser();
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_batch_async(array['huge', 'a', 'b'])`);
  await superuser.rows(`update steadytext_queue set input_bytes = 100000000 where prompt = 'huge'`);
  expect((await worker.claim({ embed: 10 })).map(({ prompt }) => prompt)).toEqual(['huge']);
  expect((await worker.claim({ embed: 10 })).map(({ prompt }) => prompt)).toEqual(['a', 'b']);
});

test('a row that cannot be rescued holds up no other, and is put off', async () => {
  const worker = await queue.worker();
  const superuser = await queue.superuser();
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_batch_async(array['bad', 'good'])`);
  await worker.claim({ embed: 2 });
  await superuser.rows(`update steadytext_queue set retry_count = 3, lease_expires_at = now() - interval '1 minute'`);
  const bad = await superuser.value(`select request_id from steadytext_queue where prompt = 'bad'`);
  await superuser.rows(
    `alter table steadytext_request_log add constraint broken check (request_id <> '${bad}') not valid`,
  );
  try {
    const rescued = await worker.rescue();
    expect(rescued.map(({ status }) => status)).toEqual(['failed']);
    expect(
      await superuser.rows('select prompt, status, lease_expires_at > now() as later from steadytext_queue order by 1'),
    ).toEqual([
      { prompt: 'bad', status: 'processing', later: true },
      { prompt: 'good', status: 'failed', later: null },
    ]);
    expect(await worker.rescue(1)).toEqual([]);
  } finally {
    await superuser.rows('alter table steadytext_request_log drop constraint broken');
  }
});

test('a key of one request and a key of a batch are never the same', async () => {
  const alice = await queue.session('alice');
  const single = await alice.value(`select steadytext_embed_async('a', idempotency_key => 'b#1')`);
  const batch = await alice.value(`select steadytext_embed_batch_async(array['a'], idempotency_key => 'b')`);
  expect(batch).not.toEqual([single]);
  expect(await alice.value(`select steadytext_embed_batch_async(array['a'], idempotency_key => 'b')`)).toEqual(batch);
  expect(await alice.value(`select steadytext_embed_async('a', idempotency_key => 'b#1')`)).toBe(single);
});
