import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from './support/requests.ts';
import { startWorkerProcess } from './support/worker-process.ts';

const database = useDatabase();
const LEASE_SECONDS = 3;
const SLOW = { ECHO_DELAY_MS: '600000', STEADYTEXT_EMBED_BATCH: '50' };
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function enginePids(worker: string): Promise<number[]> {
  const rows = await database.query(
    database.superuserUrl,
    `select (e ->> 'pid')::int as pid from steadytext_workers w, jsonb_array_elements(w.engines) e where w.worker_id = $1`,
    [worker],
  );
  return rows.map(({ pid }) => pid as number);
}

describe('a worker that is killed', () => {
  test('loses nothing: another finishes its fifty requests, each once, within the lease and ten seconds', async () => {
    const doomed = await startWorkerProcess(database.workerUrl, SLOW);
    const ids = await enqueueEmbeds(database, texts(50));
    await waitFor(async () => (await countIn(database, ids, 'processing', doomed.id)) === 50, 'fifty requests held');
    const engines = await enginePids(doomed.id);
    const heir = await startWorkerProcess(database.workerUrl);

    doomed.signal('SIGKILL');
    const killed = performance.now();
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 50, 'all fifty to finish');
    expect(performance.now() - killed).toBeLessThan((LEASE_SECONDS + 10) * 1000);

    const once = { status: 'completed', retry_count: 1, ended_by: heir.id, logged: 1, audited: 1 };
    expect(await fatesOf(database, ids)).toEqual(Array(50).fill(expect.objectContaining(once)));
    await waitFor(() => engines.every((pid) => !isAlive(pid)), 'its engines to end with it');
  });
});

describe('a worker that stands still past its lease', () => {
  test('settles nothing when it wakes', async () => {
    // Its engine answers while it stands still, so that it wakes with outcomes in its hands.
    const sleeper = await startWorkerProcess(database.workerUrl, {
      ECHO_DELAY_MS: '40',
      STEADYTEXT_LEASE_SECONDS: '2',
    });
    const ids = await enqueueEmbeds(database, texts(20, 'sleep'));
    await waitFor(async () => (await countIn(database, ids, 'processing', sleeper.id)) === 20, 'twenty requests held');
    sleeper.signal('SIGSTOP');
    const heir = await startWorkerProcess(database.workerUrl);
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 20, 'the other to finish them');

    sleeper.signal('SIGCONT');
    await waitFor(async () => {
      const { stats } = await sleeper.stats();
      return stats.held === 0 && stats.fenced + stats.lost === 20;
    }, 'the sleeper to learn that it has lost them');
    expect((await sleeper.stats()).stats.written).toBe(0);
    const once = { status: 'completed', ended_by: heir.id, logged: 1, audited: 1 };
    expect(await fatesOf(database, ids)).toEqual(Array(20).fill(expect.objectContaining(once)));
  });
});

describe('a worker that is alone and stands still past its lease', () => {
  test('goes on with its requests when it wakes, however often, and no attempt is used up', async () => {
    const worker = await startWorkerProcess(database.workerUrl, { ...SLOW, STEADYTEXT_LEASE_SECONDS: '2' });
    const ids = await enqueueEmbeds(database, texts(5, 'pause'));
    await waitFor(async () => (await countIn(database, ids, 'processing', worker.id)) === 5, 'all to be held');
    const leases =
      'select distinct lease_token::int, retry_count, leased_by from steadytext_queue where request_id = any ($1)';
    const over = 'select from steadytext_queue where request_id = any ($1) and lease_expires_at < clock_timestamp()';
    const overNow = async () => (await database.query(database.superuserUrl, over, [ids])).length;
    for (let pause = 0; pause < 4; pause++) {
      worker.signal('SIGSTOP');
      await waitFor(async () => (await overNow()) === 5, 'the leases to be over');
      worker.signal('SIGCONT');
      await waitFor(async () => (await overNow()) === 0, 'the leases to be renewed or taken');
      const untouched = { lease_token: 1, retry_count: 0, leased_by: worker.id };
      expect(await database.query(database.superuserUrl, leases, [ids])).toEqual([untouched]);
    }
    expect((await worker.stats()).stats).toMatchObject({ held: 5, lost: 0 });
    await database.query(database.superuserUrl, 'select steadytext_cancel_async(id) from unnest($1::uuid[]) id', [ids]);
  });
});

describe('four workers', () => {
  test('settle five thousand requests, each once: queue, request log and audit log agree', async () => {
    const workers = await Promise.all(texts(4).map(() => startWorkerProcess(database.workerUrl)));
    const ids = await enqueueEmbeds(database, texts(5000, 'many'));
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 5000, 'all to finish', 60_000);
    const fates = await fatesOf(database, ids);
    expect(
      fates.filter(({ logged, audited, retry_count }) => logged !== 1 || audited !== 1 || retry_count !== 0),
    ).toEqual([]);
    const stats = await Promise.all(workers.map(async (worker) => (await worker.stats()).stats));
    expect(stats.reduce((sum, { written }) => sum + written, 0)).toBe(5000);
    expect(stats.map(({ fenced, lost, refused }) => fenced + lost + refused)).toEqual([0, 0, 0, 0]);
    expect(stats.filter(({ written }) => written > 0).length).toBeGreaterThan(1);
  });

  test('stay small: a worker has no model, and 250 MB are enough for it', async () => {
    const worker = await startWorkerProcess(database.workerUrl);
    const ids = await enqueueEmbeds(database, texts(9000, 'small'));
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 9000, 'all to finish', 60_000);
    expect((await worker.stats()).residentBytes).toBeLessThan(200 * 2 ** 20);
  });
});

describe('SIGTERM', () => {
  test('drains: what cannot be finished by the deadline is handed back, and no attempt is used up', async () => {
    const worker = await startWorkerProcess(database.workerUrl, { ...SLOW, STEADYTEXT_DRAIN_SECONDS: '1' });
    const ids = await enqueueEmbeds(database, texts(60, 'drain'));
    await waitFor(async () => (await countIn(database, ids, 'processing', worker.id)) === 60, 'all to be held');
    const asked = performance.now();
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    const back = { status: 'pending', retry_count: 0, ended_by: null, logged: 0, audited: 0 };
    expect(await fatesOf(database, ids)).toEqual(Array(60).fill(expect.objectContaining(back)));
    await database.query(database.superuserUrl, 'select steadytext_cancel_async(id) from unnest($1::uuid[]) id', [ids]);
  });

  test('lets running work end when it can, and starts nothing new', async () => {
    const worker = await startWorkerProcess(database.workerUrl, { ECHO_DELAY_MS: '50', STEADYTEXT_EMBED_BATCH: '10' });
    const ids = await enqueueEmbeds(database, texts(40, 'end'));
    await waitFor(async () => (await countIn(database, ids, 'processing')) > 0, 'work to begin');
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(0);
    const fates = await fatesOf(database, ids);
    expect(fates.filter(({ status }) => status === 'completed').length).toBeGreaterThan(0);
    expect(fates.filter(({ status }) => status === 'pending').length).toBeGreaterThan(0);
    expect(fates.filter(({ status, retry_count }) => status === 'processing' || retry_count > 0)).toEqual([]);
    await database.query(database.superuserUrl, 'select steadytext_cancel_async(id) from unnest($1::uuid[]) id', [ids]);
  });

  test('twice: leaves at once, and another rescues what it held', async () => {
    const worker = await startWorkerProcess(database.workerUrl, { ...SLOW, STEADYTEXT_DRAIN_SECONDS: '600' });
    const ids = await enqueueEmbeds(database, texts(10, 'leave'));
    await waitFor(async () => (await countIn(database, ids, 'processing', worker.id)) === 10, 'all to be held');
    worker.signal('SIGTERM');
    const draining = `select from steadytext_workers where worker_id = $1 and state = 'draining'`;
    const isDraining = async () => (await database.query(database.superuserUrl, draining, [worker.id])).length === 1;
    await waitFor(isDraining, 'the worker to say that it drains');
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(1);
    await startWorkerProcess(database.workerUrl);
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 10, 'the rescue');
  });
});
