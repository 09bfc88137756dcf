// A failed attempt: back to pending with back-off, promoted when its time comes, a dead letter in the end.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

test('a failed attempt waits for its back-off, and is promoted when it is due', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  const settled = await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'retry', error: 'engine died' });
  expect(settled).toMatchObject([{ status: 'pending' }]);
  const [row] = await alice.rows(
    `select *, extract(epoch from scheduled_at - clock_timestamp())::float8 as wait from steadytext_requests`,
  );
  expect(row).toMatchObject({ status: 'pending', runnable: false, retry_count: 1, error: 'engine died' });
  expect(row!.wait).toBeGreaterThan(0.1);
  expect(row!.wait).toBeLessThan(1.25);

  expect(await worker.claim({ generate: 1 })).toEqual([]);
  expect(await worker.promote()).toBe(0);
  await superuser.rows(`update steadytext_queue set scheduled_at = now() - interval '1 second'`);
  expect(await worker.promote()).toBe(1);
  const again = await worker.claim({ generate: 1 });
  expect(again).toMatchObject([{ request_id: requestId, retry_count: 1, lease_token: '2' }]);
  await worker.settle(again);
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe('X');
  expect(await alice.value('select error from steadytext_check_async($1)', [requestId])).toBeNull();
});

test('when its retries are used up it fails, is a dead letter, and can be enqueued again with all of them', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x', priority => 9)`);
  for (const status of ['pending', 'pending', 'pending', 'failed']) {
    await superuser.rows('update steadytext_queue set scheduled_at = now(), runnable = true');
    const settled = await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'retry', error: 'no luck' });
    expect(settled).toMatchObject([{ status }]);
  }
  const [dead] = await alice.rows('select * from steadytext_dead_letter_queue');
  expect(dead).toMatchObject({ request_id: requestId, error: 'no luck', retry_count: 3, priority: 9 });

  expect(await alice.value('select steadytext_retry_async($1)', [requestId])).toBe(true);
  expect(await alice.rows('select * from steadytext_dead_letter_queue')).toEqual([]);
  const [claimed] = await worker.claim({ generate: 1 });
  expect(claimed).toMatchObject({ request_id: requestId, retry_count: 0, lease_token: '5' });
  await worker.settle([claimed!]);
  expect(await alice.value('select steadytext_get_async_result($1)', [requestId])).toBe('X');
});

test('an attempt that failed for good is not tried again', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  await alice.rows(`select steadytext_generate_async('x')`);
  const settled = await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'failed', error: 'bad input' });
  expect(settled).toMatchObject([{ status: 'failed' }]);
});

test('an attempt may ask that the next one runs alone', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'retry', isolate: true });
  await superuser.rows('update steadytext_queue set runnable = true');
  expect(await worker.claim({ generate: 1 })).toMatchObject([{ isolated: true }]);
});

test('one that had to run alone is among others again once it is enqueued again', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'retry', isolate: true });
  await superuser.rows('update steadytext_queue set runnable = true');
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'failed', error: 'bad input' });
  expect(await alice.value('select isolated from steadytext_requests')).toBe(true);
  await alice.rows('select steadytext_retry_async($1)', [requestId]);
  expect(await worker.claim({ generate: 1 })).toMatchObject([{ isolated: false }]);
});

test.each([
  ['that its worker gives up for now', 'retry'],
  ['that is enqueued again', 'failed'],
])('an attempt %s leaves no numbers behind that the log of the next one could take for its own', async (_, outcome) => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome, error: 'no luck' });
  if (outcome === 'failed') {
    await alice.rows('select steadytext_retry_async($1)', [requestId]);
    expect(await alice.value('select started_at from steadytext_requests')).toBeNull();
  }
  const numbers = 'tokens_in, tokens_out, processing_time_ms, model_digest, receipt';
  const none = { tokens_in: null, tokens_out: null, processing_time_ms: null, model_digest: null, receipt: null };
  expect(await alice.rows(`select ${numbers} from steadytext_requests`)).toEqual([none]);

  await alice.rows('select steadytext_cancel_async($1)', [requestId]);
  const logged = `select outcome, tokens_in, tokens_out, tokens_used, duration_ms, model_digest from steadytext_usage
    order by finished_at desc limit 1`;
  expect(await alice.rows(logged)).toEqual([
    { outcome: 'cancelled', tokens_in: null, tokens_out: null, tokens_used: 0, duration_ms: null, model_digest: null },
  ]);
});

test('one that was cancelled before its time is due at once when it is enqueued again, and has waited since then', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_embed_async('x', scheduled_at => now() + interval '1 day')`);
  await alice.rows('select steadytext_cancel_async($1)', [requestId]);
  await alice.rows('select steadytext_retry_async($1)', [requestId]);
  expect(await alice.value('select scheduled_at <= clock_timestamp() from steadytext_requests')).toBe(true);
  await worker.settle(await worker.claim({ embed: 1 }));
  const waited = `select queue_wait_ms between 0 and 60000 from steadytext_usage where outcome = 'completed'`;
  expect(await alice.value(waited)).toBe(true);
});

test('only failed and cancelled requests are enqueued again', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  const notYet = (status: string) => ({ code: 'ST007', message: expect.stringContaining(`but is ${status}`) });
  const retry = async () => {
    const refused = await refusal(alice, 'select steadytext_retry_async($1)', [requestId]);
    // The server tells an error before it lets go of the row, which a claim would skip meanwhile.
    await alice.value('select 1');
    return refused;
  };
  expect(await retry()).toMatchObject(notYet('pending'));
  const claimed = await worker.claim({ generate: 1 });
  expect(await retry()).toMatchObject(notYet('processing'));
  await worker.settle(claimed);
  expect(await retry()).toMatchObject(notYet('completed'));

  const other = await alice.value(`select steadytext_generate_async('x')`);
  await alice.rows('select steadytext_cancel_async($1)', [other]);
  expect(await alice.value('select steadytext_retry_async($1)', [other])).toBe(true);
  expect(await worker.claim({ generate: 1 })).toMatchObject([{ request_id: other }]);
});

test('of two sessions that enqueue it again at once one does, and the other is told that it is pending', async () => {
  const [alice, other] = [await queue.session('alice'), await queue.session('alice')];
  const superuser = await queue.superuser();
  const requestId = await alice.value(`select steadytext_generate_async('x')`);
  await alice.rows('select steadytext_cancel_async($1)', [requestId]);
  const retry = 'select steadytext_retry_async($1)';
  await alice.rows('begin');
  expect(await alice.value(retry, [requestId])).toBe(true);
  const late = other.value(retry, [requestId]).catch((error: unknown) => error);
  const waiting = `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await waitFor(async () => (await superuser.value(waiting)) === 1, 'the other to wait');
  await alice.rows('commit');
  expect(await late).toMatchObject({ code: 'ST007', message: expect.stringContaining('but is pending') });
  const logged = `select count(*)::int from steadytext_audit_log where event_type = 'request_retried'`;
  expect(await superuser.value(logged)).toBe(1);
});

test('back-off doubles from a second to ten minutes, with a quarter of jitter to both sides', async () => {
  const superuser = await queue.superuser();
  const seconds = async (attempt: number, jitter: number) =>
    Number(
      await superuser.value('select extract(epoch from steadytext_private.retry_delay($1, $2))', [attempt, jitter]),
    );
  expect([await seconds(1, 0), await seconds(1, 1), await seconds(2, 0.5), await seconds(5, 0.5)]).toEqual([
    0.75, 1.25, 2, 16,
  ]);
  expect([await seconds(10, 0.5), await seconds(11, 0.5), await seconds(100, 0.5)]).toEqual([512, 600, 600]);
});

test('what is scheduled is claimed when its time has come and not before', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const later = await alice.value(
    `select steadytext_generate_async('later', scheduled_at => now() + interval '1 hour')`,
  );
  const past = await alice.value(`select steadytext_generate_async('past', scheduled_at => now() - interval '1 hour')`);
  expect(await worker.claim({ generate: 5 })).toMatchObject([{ request_id: past }]);
  await superuser.rows(`update steadytext_queue set scheduled_at = now() where request_id = $1`, [later]);
  expect(await worker.promote()).toBe(1);
  expect(await worker.claim({ generate: 5 })).toMatchObject([{ request_id: later }]);
});

test('promotion goes page by page, the longest due first, and two promoters share the work', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const [one, two] = [await queue.worker(), await queue.worker()];
  await alice.rows(
    `select steadytext_embed_async('t' || g, scheduled_at => now() + interval '1 hour') from generate_series(1, 10) g`,
  );
  await superuser.rows(`update steadytext_queue set scheduled_at = now() - id * interval '1 second'`);
  expect(await one.promote(4)).toBe(4);
  const runnable = await superuser.rows('select prompt from steadytext_queue where runnable order by id');
  expect(runnable.map(({ prompt }) => prompt)).toEqual(['t7', 't8', 't9', 't10']);
  const counts = await Promise.all([one.promote(), two.promote()]);
  expect(counts[0]! + counts[1]!).toBe(6);
});
