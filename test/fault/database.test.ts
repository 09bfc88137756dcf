import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from './support/requests.ts';
import { startWorkerProcess } from './support/worker-process.ts';

const database = useDatabase();
/** The slow poll with its jitter. */
const SLOW_POLL_MS = 1250;

describe('the server restarted under load', () => {
  test.each(['fast', 'immediate'] as const)('%s: workers come back and nothing is lost', async (mode) => {
    const server = await startEmbeddedServer({ version: database.server.version, temporary: true });
    onTestFinished(() => server.stop('immediate'));
    const own = await createDevDatabase(server);
    const superuserUrl = server.url('postgres', server.passwords.postgres, 'steadytext');
    const restarted = { superuserUrl, query: database.query };
    const env = { ECHO_DELAY_MS: '2', STEADYTEXT_LEASE_SECONDS: '4' };
    const workers = [await startWorkerProcess(own.workerUrl, env), await startWorkerProcess(own.workerUrl, env)];
    const ids = await enqueueEmbeds(restarted, texts(1500));
    await waitFor(async () => (await countIn(restarted, ids, 'completed')) > 50, 'work to be under way');

    await server.restart(mode);
    await waitFor(async () => (await countIn(restarted, ids, 'completed')) === 1500, 'all to finish', 60_000);
    const fates = await fatesOf(restarted, ids);
    expect(fates.filter(({ logged, audited }) => logged !== 1 || audited !== 1)).toEqual([]);
    for (const worker of workers) expect((await worker.stats()).stats.held).toBe(0);
    expect(await enqueueAndWait(own.writerUrl, undefined, restarted)).toBeLessThan(5000);
  });
});

describe('a transaction that has enqueued and stays open', () => {
  async function heldOpen(): Promise<{ writer: string; gate: number }> {
    await startWorkerProcess(database.workerUrl);
    const writer = await database.login(['steadytext_writer']);
    // The login's user row is made by its first request; what is measured is every later one.
    await enqueueAndWait(writer);
    const open = await database.connect(writer);
    onTestFinished(() => open.end());
    await open.query('begin');
    const { rows } = await open.query(`select steadytext_embed_async('never committed'), pg_backend_pid() % 8 as gate`);
    return { writer, gate: rows[0].gate };
  }

  test('does not delay the median of the others at all', async () => {
    const { writer } = await heldOpen();
    const took: number[] = [];
    for (let i = 0; i < 40; i++) took.push(await enqueueAndWait(writer));
    took.sort((a, b) => a - b);
    expect(took[20]).toBeLessThan(200);
    expect(took.at(-1)).toBeLessThan(SLOW_POLL_MS + 500);
  });

  test('delays one whose notice it holds back, and that meets an idle worker, by no more than the slow poll', async () => {
    const { writer, gate } = await heldOpen();
    const claims = `select from pg_stat_activity where datname = current_database() and application_name like 'steadytext claim%'
      and state = 'idle' and clock_timestamp() - state_change > interval '200 ms'`;
    const isIdle = async () => (await database.query(database.superuserUrl, claims)).length > 0;
    for (let i = 0; i < 3; i++) {
      await waitFor(isIdle, 'the worker to poll slowly');
      expect(await enqueueAndWait(writer, gate)).toBeLessThan(SLOW_POLL_MS + 500);
    }
  });
});

/** Milliseconds from the commit of one request until it is completed; through a given gate of the notices, if any. */
async function enqueueAndWait(
  url: string,
  gate?: number,
  of: Parameters<typeof countIn>[0] = database,
): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query('select pg_backend_pid() % 8 as gate');
    if (gate !== undefined && rows[0].gate !== gate) return await enqueueAndWait(url, gate, of);
    const { rows: enqueued } = await client.query(`select steadytext.steadytext_embed_async('on time') as id`);
    const began = performance.now();
    await waitFor(async () => (await countIn(of, [enqueued[0].id], 'completed')) === 1, 'the request', 20_000);
    return performance.now() - began;
  } finally {
    await client.end();
  }
}
