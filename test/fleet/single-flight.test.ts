// Requests that are the same and wait together, from SQL to SQL: one run, a result, a log row and a lease for each.
import { expect, test } from 'vitest';
import { useQueue } from '../sql/support/queue.ts';
import { waitFor } from '../support/wait-for.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const queue = useQueue();

/** A worker whose engines wait before each text until they are let go on. */
async function fleet() {
  const open = Promise.withResolvers<void>();
  const ran: string[] = [];
  const engines: EchoEngine[] = [];
  const startEngine = async () => {
    const onText = async (text: string) => {
      ran.push(text);
      await open.promise;
    };
    engines.push(echoEngine({ onText }));
    return engines.at(-1)!;
  };
  const worker = await startTestWorker(queue.db, { startEngine });
  return { worker, ran, engines, open: open.resolve };
}

async function enqueued(name: string, count: number, prompt = 'same'): Promise<string[]> {
  const session = await queue.session(name);
  const ids = await session.value(
    `select steadytext_generate_batch_async(array_fill($1::text, array[$2::int]), max_tokens => 20)`,
    [prompt, count],
  );
  return ids as string[];
}

const statuses = async () =>
  (await queue.superuser()).value(`select jsonb_object_agg(status, n) from
    (select status, count(*) as n from steadytext_queue group by status) s`);
const until = (wanted: object) =>
  waitFor(async () => JSON.stringify(await statuses()) === JSON.stringify(wanted), JSON.stringify(wanted));

test('one is run, and all are settled and logged, those that shared it as what the cache gives', async () => {
  await enqueued('alice', 30);
  const { ran, open } = await fleet();
  await until({ processing: 30 });
  expect(ran).toEqual(['same']);
  open();
  await until({ completed: 30 });
  expect(ran).toEqual(['same']);
  const superuser = await queue.superuser();
  expect(
    await superuser.rows(`select q.result, l.cache_hit, l.tokens_used, l.tokens_out, q.receipt ? 'shared' as shared, count(*)::int
      from steadytext_queue q join steadytext_request_log l using (request_id) group by 1, 2, 3, 4, 5 order by cache_hit`),
  ).toEqual([
    { result: 'same', cache_hit: false, tokens_used: 8, tokens_out: 4, shared: false, count: 1 },
    { result: 'same', cache_hit: true, tokens_used: 0, tokens_out: 4, shared: true, count: 29 },
  ]);
  expect(
    await superuser.rows(`select cache_hit, sum(requests)::int as requests from steadytext_private.request_tallies
      group by 1 order by 1`),
  ).toEqual([
    { cache_hit: false, requests: 1 },
    { cache_hit: true, requests: 29 },
  ]);
  expect(await superuser.rows(`select receipt ? 'shared' as shared from steadytext_cache_entries`)).toEqual([
    { shared: false },
  ]);
});

test('of several users each has a run, and each request without use_cache', async () => {
  await enqueued('alice', 2);
  await enqueued('bob', 2);
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_async('same', 20, use_cache => false) from generate_series(1, 2)`);
  const { ran, open } = await fleet();
  await waitFor(() => ran.length === 4, 'four runs');
  open();
  await until({ completed: 6 });
  expect(ran).toHaveLength(4);
});

test('one that is cancelled, the first or another, leaves the others to be settled', async () => {
  const ids = await enqueued('alice', 5);
  const { ran, open } = await fleet();
  await until({ processing: 5 });
  const alice = await queue.session('alice');
  // Of one batch the first is claimed first.
  for (const id of [ids[0], ids[3]]) expect(await alice.value('select steadytext_cancel_async($1)', [id])).toBe(true);
  open();
  await until({ cancelled: 2, completed: 3 });
  expect(ran).toEqual(['same']);
});

test('an engine that dies with it is another attempt of each', async () => {
  await enqueued('alice', 5);
  const { ran, engines, open } = await fleet();
  await until({ processing: 5 });
  engines[0]!.crash({ signal: 'SIGSEGV' });
  open();
  await until({ completed: 5 });
  expect(ran.length).toBeGreaterThan(1);
  const superuser = await queue.superuser();
  expect(await superuser.rows('select distinct result, retry_count from steadytext_queue')).toEqual([
    { result: 'same', retry_count: 1 },
  ]);
});

test('a worker that is drained hands back all, with no attempt used', async () => {
  await enqueued('alice', 5);
  const { worker } = await fleet();
  await until({ processing: 5 });
  await worker.drain();
  await until({ pending: 5 });
  expect(await (await queue.superuser()).value('select max(retry_count) from steadytext_queue')).toBe(0);
});

test('what a worker held that was killed is run by another', async () => {
  await enqueued('alice', 5);
  const first = await fleet();
  await until({ processing: 5 });
  await first.worker.stopNow();
  const { open } = await fleet();
  open();
  await until({ completed: 5 });
});
