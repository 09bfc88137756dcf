// Notices: one empty one for work, one a finished request for who waits; gated, and not lost for good.
import { beforeEach, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
const CHANNELS = ['steadytext_queue', 'steadytext_result', 'steadytext_completed'];

let ear: Session;
let heard: { channel: string; payload: string }[] = [];

beforeEach(async () => {
  ear ??= await queue.session('ear', []);
  heard = [];
  ear.client.removeAllListeners('notification');
  ear.client.on('notification', ({ channel, payload = '' }) => heard.push({ channel, payload }));
  for (const channel of CHANNELS) await ear.rows(`listen ${channel}`);
});

const notices = (channel: string) => heard.filter((notice) => notice.channel === channel).map(({ payload }) => payload);

/** What was committed before this has been heard when it resolves: notices are delivered in the order of commits. */
async function listened() {
  const alice = await queue.session('alice');
  const mark = Math.random().toString();
  await ear.rows('listen mark');
  await alice.rows(`select pg_notify('mark', $1)`, [mark]);
  await waitFor(() => heard.some(({ payload }) => payload === mark), 'the mark');
}

test('a batch of any size is announced once, with nothing in it', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_batch_async(array(select 'x' || g from generate_series(1, 500) g))`);
  await listened();
  expect(notices('steadytext_queue')).toEqual(['']);
});

test('a direct insert, a release, a promotion, a rescue and a retry are announced as well', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const announced = async (what: string, act: () => Promise<unknown>) => {
    heard = [];
    await act();
    await listened();
    expect(notices('steadytext_queue'), what).toEqual(['']);
  };
  const claim = () => worker.claim({ embed: 1 });
  await announced('direct insert', () =>
    alice.rows(`insert into steadytext_queue (prompt, request_type) values ('x', 'embed')`),
  );
  const claimed = await claim();
  await announced('release', () => worker.release(claimed));
  await worker.settle(await claim(), { outcome: 'retry' });
  await superuser.rows('update steadytext_queue set scheduled_at = now()');
  await announced('promotion', () => worker.promote());
  await claim();
  await superuser.rows(`update steadytext_queue set lease_expires_at = now() - interval '1 second'`);
  await announced('rescue', () => worker.rescue());
  await worker.settle(await claim(), { outcome: 'failed' });
  await announced('retry', () => alice.rows('select steadytext_retry_async(request_id) from steadytext_queue'));
});

test('nothing to promote, rescue or release is not announced', async () => {
  const worker = await queue.worker();
  await worker.promote();
  await worker.rescue();
  await worker.release([]);
  await listened();
  expect(notices('steadytext_queue')).toEqual([]);
});

test('each finished request is announced by its id on both channels, in one settle', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const ids = (await alice.value(`select steadytext_embed_batch_async(array['a', 'b', 'c'])`)) as string[];
  const claimed = await worker.claim({ embed: 3 });
  await worker.settle(claimed.slice(0, 1), { outcome: 'retry' });
  await worker.settle(claimed.slice(1));
  await alice.rows('select steadytext_cancel_async($1)', [claimed[0]!.request_id]);
  await listened();
  for (const channel of ['steadytext_result', 'steadytext_completed']) {
    expect(notices(channel).sort()).toEqual([...ids].sort());
  }
});

test('a rolled-back enqueue is not announced', async () => {
  const alice = await queue.session('alice');
  await alice.rows('begin');
  await alice.rows(`select steadytext_embed_async('x')`);
  await alice.rows('rollback');
  await listened();
  expect(notices('steadytext_queue')).toEqual([]);
});

/** Sessions by the gate they go through, until there is one of the wanted gate and one of another. */
async function sessionsByGate() {
  const first = await queue.session('alice');
  const gate = async (session: Session) => Number(await session.value('select pg_backend_pid() % 8'));
  const wanted = await gate(first);
  const found: { same?: Session; other?: Session } = {};
  for (let i = 0; i < 100 && !(found.same && found.other); i++) {
    const session = await queue.session('alice');
    if ((await gate(session)) === wanted) found.same ??= session;
    else found.other ??= session;
  }
  return { first, same: found.same!, other: found.other! };
}

test('an open transaction that has enqueued shuts one gate of eight, and what it hid is claimable all the same', async () => {
  const { first, same, other } = await sessionsByGate();
  const worker = await queue.worker();
  await first.rows('begin');
  await first.rows(`select steadytext_embed_async('open')`);

  const hidden = await same.value(`select steadytext_embed_async('behind the same gate')`);
  await listened();
  expect(notices('steadytext_queue')).toEqual([]);
  expect(await worker.claim({ embed: 9 })).toMatchObject([{ request_id: hidden }]);

  const told = await other.value(`select steadytext_embed_async('through another gate')`);
  await listened();
  expect(notices('steadytext_queue')).toEqual(['']);
  expect(await worker.claim({ embed: 9 })).toMatchObject([{ request_id: told }]);
  await first.rows('commit');
  await listened();
  expect(await worker.claim({ embed: 9 })).toMatchObject([{ prompt: 'open' }]);
});

test('the gate keeps most of many busy connections from notifying', async () => {
  const sessions = await Promise.all(Array.from({ length: 12 }, () => queue.session('alice')));
  for (const session of sessions) await session.rows('begin');
  for (const session of sessions) await session.rows(`select steadytext_embed_async('x')`);
  for (const session of sessions) await session.rows('commit');
  await listened();
  expect(notices('steadytext_queue').length).toBeLessThanOrEqual(8);
  expect(notices('steadytext_queue').length).toBeGreaterThan(0);
});

test('a login that holds every key it could compute shuts no gate', async () => {
  const stranger = await queue.session('stranger', []);
  const alice = await queue.session('alice');
  await stranger.rows('begin');
  await stranger.rows(
    `select pg_advisory_xact_lock(c.oid::bigint * 8 + gate), pg_advisory_xact_lock(c.oid::bigint + gate)
     from pg_class c, generate_series(0, 7) gate where c.relname = 'steadytext_queue'`,
  );
  await alice.rows(`select steadytext_embed_async('x')`);
  await listened();
  await stranger.rows('rollback');
  expect(notices('steadytext_queue')).toEqual(['']);
});
