import { expect, onTestFinished, test } from 'vitest';
import { QueueClient, type QueueClientOptions } from '../../workers/queue/client.ts';
import { startBouncer } from '../support/bouncer.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startProxy } from './support/proxy.ts';

const database = useDatabase();

function client(options: Partial<QueueClientOptions> = {}): QueueClient {
  const made = new QueueClient({
    url: database.workerUrl,
    privateSchema: 'steadytext_private',
    name: 'client test',
    ...options,
  });
  onTestFinished(() => made.close());
  return made;
}

const pidOf = async (of: QueueClient) => (await of.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid;

const KEPT = 'select count(*)::int as kept from pg_prepared_statements';

test('statements are kept prepared by the server process that the connection speaks with', async () => {
  const db = client();
  for (const n of [41, 42]) expect(await db.query('select $1::int + 1 as n', [n])).toEqual([{ n: n + 1 }]);
  expect(await db.query(KEPT)).toEqual([{ kept: 2 }]);
});

test('and not behind a bouncer, where the next one may come to another', async (context) => {
  const bouncer = await startBouncer(context, [database.workerUrl]);
  const [db, other] = [client({ url: bouncer.url(database.workerUrl) }), client()];
  const [pid] = [await pidOf(db), await db.query('select $1::int + 1 as n', [1])];
  expect(await pidOf(other)).not.toBe(pid);
  expect(await db.query(`select pg_backend_pid() as pid, (${KEPT}) as kept`)).toEqual([{ kept: 0, pid }]);
});

test('a connection whose server does not know a statement any more goes on without', async () => {
  const db = client();
  const plus = () => db.query('select $1::int + 1 as n', [1]);
  await plus();
  await db.query('deallocate all');
  for (const _ of [1, 2]) expect(await plus()).toEqual([{ n: 2 }]);
  expect(await db.query(KEPT)).toEqual([{ kept: 0 }]);
});

test('a connection that the server ended is made anew by the next statement', async () => {
  const db = client();
  const first = await pidOf(db);
  await database.query(database.superuserUrl, 'select pg_terminate_backend($1)', [first]);
  const second = await waitFor(() => pidOf(db).catch(() => 0), 'a new connection');
  expect(second).not.toBe(first);
});

test('a statement under way when the connection ends is told as unreachable', async () => {
  const db = client();
  const pid = await pidOf(db);
  const sleeping = db.query('select pg_sleep(60)').catch((error) => error);
  const active = `select 1 from pg_stat_activity where pid = $1 and query like '%pg_sleep%' and state = 'active'`;
  await waitFor(async () => (await database.query(database.superuserUrl, active, [pid])).length > 0, 'the sleep');
  await database.query(database.superuserUrl, 'select pg_terminate_backend($1)', [pid]);
  expect(await sleeping).toMatchObject({ name: 'DatabaseUnreachable' });
});

test('the time of a statement begins when those before it have their answer', async () => {
  const db = client({ timeoutMs: 1500 });
  await pidOf(db);
  const asked = Array.from({ length: 4 }, () => db.query('select pg_sleep(0.5)'));
  const answers = await Promise.allSettled(asked);
  expect(answers.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
});

test('after each loss of a connection that was there the next is made at once, however many there were', async () => {
  const db = client();
  const took: number[] = [];
  for (let loss = 0; loss < 6; loss++) {
    const before = await pidOf(db);
    const began = performance.now();
    await database.query(database.superuserUrl, 'select pg_terminate_backend($1)', [before]);
    await waitFor(async () => (await pidOf(db).catch(() => before)) !== before, 'a new connection');
    took.push(performance.now() - began);
  }
  // As failures in a row, the last two would have waited for 0.8 and 1.6 s at least.
  expect(Math.min(...took.slice(-2))).toBeLessThan(800);
});

test('a half-open connection is noticed by the statement that gets no answer', async () => {
  const proxy = await startProxy(database.workerUrl);
  onTestFinished(() => proxy.close());
  const db = client({ url: proxy.url(database.workerUrl), timeoutMs: 300 });
  const first = await pidOf(db);
  proxy.silence();
  await expect(db.query('select 1')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  proxy.restore();
  expect(await waitFor(() => pidOf(db).catch(() => 0), 'a new connection')).not.toBe(first);
});

test('a half-open connection that nobody uses is noticed by the ping', async () => {
  const proxy = await startProxy(database.workerUrl);
  onTestFinished(() => proxy.close());
  const db = client({ url: proxy.url(database.workerUrl), timeoutMs: 200, pingMs: 50 });
  await pidOf(db);
  proxy.silence();
  await waitFor(() => proxy.connections < 1, 'the dead connection to be dropped');
});

test('nobody there: each try waits longer, and closing does not wait for the next', async () => {
  const db = client({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
  for (let i = 0; i < 3; i++) await expect(db.query('select 1')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  const waiting = db.query('select 1').catch((error) => error);
  const began = performance.now();
  await db.close();
  expect(await waiting).toMatchObject({ name: 'DatabaseUnreachable' });
  expect(performance.now() - began).toBeLessThan(150);
});
