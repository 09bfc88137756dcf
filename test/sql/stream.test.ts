// steadytext_generate_stream: rows as the text is made, the same bytes as in one piece, and what ends a stream otherwise.
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';
import type { Claimed, WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useSideChannel(queue);

const STREAM = `select steadytext_generate_stream('say', use_cache => false)`;

const claimedBy = async (worker: WorkerSession): Promise<Claimed> =>
  (await waitFor(async () => (await worker.claim({ generate: 1 }))[0], 'the request')) as Claimed;

/** Begins a transaction with a cursor over a stream. */
async function declared(name: string, query = STREAM): Promise<Session> {
  const session = await queue.session(name);
  await session.rows(`begin; declare c cursor for ${query}`);
  return session;
}

const next = (session: Session, cursor = 'c') => session.value(`fetch 1 from ${cursor}`);

async function left(): Promise<unknown> {
  const superuser = await queue.superuser();
  return await superuser.value(
    `select (select count(*) from steadytext_private.streams) + (select count(*) from steadytext_private.stream_pieces)`,
  );
}

const status = async () => (await queue.superuser()).value(`select string_agg(status, ' ') from steadytext_queue`);
const cancelled = () => waitFor(async () => (await status()) === 'cancelled', 'the request to be cancelled');

describe('rows', () => {
  test('come as soon as their pieces are there, and the last one with the result', async () => {
    const alice = await declared('alice');
    const worker = await queue.worker();
    const first = next(alice);
    const request = await claimedBy(worker);
    expect(request.params).toMatchObject({ stream: true, use_cache: false });
    await worker.write([request], 0, 'Größe \u{1f600}');
    expect(await first).toBe('Größe \u{1f600}');
    await worker.write([request], 7, ', "a\\b"');
    await worker.write([request], 14, '\n');
    expect(await next(alice)).toBe(', "a\\b"');
    expect(await next(alice)).toBe('\n');
    const last = next(alice);
    await worker.settle([request], { result: 'Größe \u{1f600}, "a\\b"\nend' });
    expect(await last).toBe('end');
    expect(await alice.rows('fetch 1 from c')).toEqual([]);
    await alice.rows('commit');
    expect(await left()).toBe('0');
  });

  test('of which none was reported are one, which an empty answer is too; of what is known, without a worker', async () => {
    const alice = await queue.session('alice');
    const answers = await answering(queue, ({ prompt }) => ({ result: prompt === 'nothing' ? '' : 'said' }));
    expect(await alice.rows(`select steadytext_generate_stream('say') as said`)).toEqual([{ said: 'said' }]);
    expect(await alice.rows(`select steadytext_generate_stream('nothing') as said`)).toEqual([{ said: '' }]);
    await answers[Symbol.asyncDispose]();
    const superuser = await queue.superuser();
    await superuser.rows(`update steadytext_models set digest = 'sha256:test'`);
    expect(await alice.rows(`select steadytext_generate_stream('say') as said`)).toEqual([{ said: 'said' }]);
    expect(await left()).toBe('0');
  });

  test('come one by one in a cursor loop of PL/pgSQL and to a driver that asks for one at a time', async () => {
    const alice = await queue.session('alice');
    const worker = await queue.worker();
    const seen: unknown[] = [];
    alice.client.on('notice', ({ message }) => seen.push(message));
    const loop = alice.rows(`do $$ declare c cursor for ${STREAM} as said;
      begin for r in c loop raise notice '%', r.said; end loop; end $$`);
    const byCursor = await claimedBy(worker);
    await worker.write([byCursor], 0, 'a');
    await waitFor(() => seen.length === 1, 'the first row');
    await worker.settle([byCursor], { result: 'ab' });
    await loop;
    expect(seen).toEqual(['a', 'b']);

    const rows: unknown[] = [];
    const query = alice.client.query(new pg.Query({ text: `${STREAM} as said`, rows: 1 } as pg.QueryConfig));
    query.on('row', (row) => rows.push(row.said));
    const ended = new Promise((resolve) => query.on('end', resolve));
    const byDriver = await claimedBy(worker);
    await worker.write([byDriver], 0, 'a');
    await waitFor(() => rows.length === 1, 'the first row');
    await worker.settle([byDriver], { result: 'ab' });
    await ended;
    expect(rows).toEqual(['a', 'b']);
  });
});

describe('another attempt', () => {
  test('goes on where the one before was, whatever its pieces; one that lost its lease writes nothing', async () => {
    const alice = await declared('alice');
    const [worker, other] = [await queue.worker(), await queue.worker()];
    const first = next(alice);
    const lost = await claimedBy(worker);
    await worker.write([lost], 0, 'one ');
    expect(await first).toBe('one ');
    await worker.release([lost]);
    const second = next(alice);
    const request = await claimedBy(other);
    expect(await worker.write([lost], 4, 'stale')).toEqual([]);
    await other.write([request], 0, 'on');
    await other.write([request], 2, 'e two');
    expect(await second).toBe('two');
    await other.settle([request], { result: 'one two' });
    expect(await alice.rows('fetch 1 from c')).toEqual([]);
    await alice.rows('commit');
  });

  test('that comes to another text is an error, and no text of two', async () => {
    const alice = await declared('alice');
    const worker = await queue.worker();
    const first = next(alice);
    const request = await claimedBy(worker);
    await worker.write([request], 0, 'one');
    await first;
    await worker.settle([request], { result: 'two' });
    expect(await refusal(alice, 'fetch 1 from c')).toMatchObject({
      code: 'P0001',
      message: expect.stringContaining('came to another one'),
      hint: expect.stringContaining('Repeat'),
    });
    await alice.rows('rollback');
  });
});

test('two streams and another call in one session do not disturb each other', async () => {
  const alice = await declared('alice', `select steadytext_generate_stream('one', use_cache => false)`);
  await alice.rows(`declare d cursor for select steadytext_generate_stream('two', use_cache => false)`);
  const worker = await queue.worker();
  const begun = async (cursor: string) => {
    const row = next(alice, cursor);
    const request = await claimedBy(worker);
    await worker.write([request], 0, `${request.prompt} `);
    expect(await row).toBe(`${request.prompt} `);
    return request;
  };
  const [one, two] = [await begun('c'), await begun('d')];
  const call = alice.value(`select steadytext_generate('three')`);
  await worker.settle([await claimedBy(worker)]);
  expect(await call).toBe('THREE');
  await worker.settle([one], { result: 'one 1' });
  await worker.settle([two], { result: 'two 2' });
  expect([await next(alice, 'd'), await next(alice, 'c')]).toEqual(['2', '1']);
  await alice.rows('commit');
});

describe('a stream that nobody reads to its end', () => {
  test('is cancelled by statement_timeout, and the session goes on', async () => {
    const alice = await declared('alice');
    await alice.rows(`set statement_timeout = '200ms'`);
    expect(await refusal(alice, 'fetch 1 from c')).toMatchObject({ code: '57014' });
    await cancelled();
    expect(await left()).toBe('0');
    await alice.rows('rollback');
    await using _ = await answering(queue);
    expect(await alice.value(STREAM)).toBe('SAY');
  });

  test.each(['commit', 'rollback'])('with the end of its transaction (%s)', async (end) => {
    const alice = await declared('alice');
    const worker = await queue.worker();
    const row = next(alice);
    const request = await claimedBy(worker);
    expect(await worker.write([request], 0, 'a')).toEqual([request.request_id]);
    await row;
    await alice.rows('close c');
    // Until then PostgreSQL tells nobody that the cursor has gone.
    expect(await worker.write([request], 1, 'b')).toEqual([request.request_id]);
    await alice.rows(end);
    expect(await worker.write([request], 2, 'c')).toEqual([]);
    expect([await status(), await left()]).toEqual(['cancelled', '0']);
  });

  test('of a session that was ended, also where no worker has begun it', async () => {
    const alice = await declared('alice');
    const superuser = await queue.superuser();
    const pid = await alice.value('select pg_backend_pid()');
    alice.client.on('error', () => undefined);
    const row = next(alice).catch(() => undefined);
    await waitFor(async () => (await status()) === 'pending', 'the request');
    await superuser.rows('select pg_terminate_backend($1)', [pid]);
    await row;
    await waitFor(async () => {
      await superuser.rows('select steadytext_private.prune_requests()');
      return (await status()) === 'cancelled';
    }, 'the request to be cancelled');
    expect(await left()).toBe('0');
  });

  test('leaves nothing behind that pruning would not find', async () => {
    const alice = await declared('alice');
    const worker = await queue.worker();
    const superuser = await queue.superuser();
    const row = next(alice);
    const request = await claimedBy(worker);
    await worker.write([request], 0, 'a');
    await row;
    await worker.settle([request], { result: 'ab' });
    await superuser.rows('select steadytext_private.prune_requests()');
    expect(await left()).toBe('0');
    expect(await next(alice)).toBe('b');
    await alice.rows('commit');
  });
});

test('a text is its user’s alone', async () => {
  const alice = await declared('alice');
  const worker = await queue.worker();
  const row = next(alice);
  const request = await claimedBy(worker);
  await worker.write([request], 0, 'secret');
  await row;
  const bob = await queue.session('bob');
  const step = { request_id: request.request_id, given: '', begun: 0, on_error: 'raise' };
  expect(await refusal(bob, 'select steadytext_private.stream_next($1)', [JSON.stringify(step)])).toMatchObject({
    code: 'P0001',
    message: `Request ID ${request.request_id} not found`,
  });
  expect(await refusal(bob, 'select * from steadytext_private.stream_pieces')).toMatchObject({ code: '42501' });
  await alice.rows('rollback');
});

test('an error is raised, or is the last row', async () => {
  const ending = { outcome: 'failed', error: 'InvalidInput: too much' };
  const worker = await queue.worker();
  const streamed = async (onError: string) => {
    const alice = await declared('alice', `${STREAM.slice(0, -1)}, on_error => '${onError}')`);
    const row = next(alice);
    const request = await claimedBy(worker);
    await worker.write([request], 0, 'so far');
    expect(await row).toBe('so far');
    await worker.settle([request], ending);
    return alice;
  };
  expect(await refusal(await streamed('raise'), 'fetch 1 from c')).toMatchObject({
    code: 'P0001',
    message: 'Request failed: InvalidInput: too much',
  });
  expect(await (await streamed('null')).rows('fetch all from c')).toEqual([{ steadytext_generate_stream: null }]);
  expect(JSON.parse(String(await next(await streamed('json'))))).toMatchObject({ error: { sqlstate: 'P0001' } });
});
