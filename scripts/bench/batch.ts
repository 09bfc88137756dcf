// `npm run bench batch`: what a batch of 10,000 takes in one call: to enqueue, to look after, and to write its results into a table.

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { median, readOptions, spread } from './measure.ts';
import { Report } from './report.ts';

const HELP = `Usage: npm run bench batch -- [--rows 10000] [--rounds 5] [--waiting 100000] [--json FILE]

Starts PostgreSQL 18 (fsync and synchronous_commit on) in a temporary folder, and measures one session in --rounds: steadytext_embed_batch_async
of --rows short texts, from the call to its commit (bar: 1 s for 10,000); the same whose results go into a table, a row each;
steadytext_check_async_batch of as many ids, completed (bar: 200 ms for 10,000); steadytext_apply_results until all are
written, 1,000 a call; and one that finds nothing to write, while --waiting results are awaited. Beside them an insert of the same texts
into a bare table with a key. No worker: results are put into the queue by hand. --json writes every figure into this file.`;

const ENQUEUE_BAR_MS = 1000;
const CHECK_BAR_MS = 200;

const TEXTS = `array(select 'Some short text, as they are embedded by the thousand, number ' || n from generate_series(1, $1::int) n)`;
const KEYS = `array(select jsonb_build_object('id', n) from generate_series(1, $1::int) n)`;

const options = readOptions(HELP, { rows: 10_000, rounds: 5, waiting: 100_000 });
if (options) await bench(options);

type Sizes = Record<'rows' | 'rounds' | 'waiting', number> & { json?: string };

async function bench({ rows, rounds, waiting, json }: Sizes): Promise<void> {
  const report = new Report('batch');
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  const clients: pg.Client[] = [];
  try {
    const { adminUrl, writerUrl } = await createDevDatabase(server);
    const superuserUrl = Object.assign(new URL(server.superuserUrl), { pathname: new URL(adminUrl).pathname }).href;
    for (const url of [writerUrl, superuserUrl]) {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
    }
    const [writer, superuser] = clients as [pg.Client, pg.Client];
    report.conditions({ rows, rounds, waiting });
    await prepare(superuser, rows, waiting);
    const took: Record<string, number[]> = {};
    const measured = async (what: string, run: () => Promise<unknown>) => {
      const began = performance.now();
      const answer = await run();
      const times = took[what] ?? [];
      took[what] = [...times, performance.now() - began];
      return answer;
    };
    for (let round = 0; round < rounds; round++) {
      await writer.query('truncate shop.bare');
      await measured('bare', () =>
        writer.query(`insert into shop.bare (id, body) select gen_random_uuid(), t from unnest(${TEXTS}) t`, [rows]),
      );
      const enqueued = (await measured('enqueue', () =>
        writer.query(`select steadytext_embed_batch_async(${TEXTS}) as ids`, [rows]),
      )) as pg.QueryResult<{ ids: string[] }>;
      await measured('enqueue with a place', () =>
        writer.query(
          `select steadytext_embed_batch_async(${TEXTS}, into_table => 'shop.docs', into_column => 'numbers',
             into_keys => ${KEYS}, from_column => 'body')`,
          [rows],
        ),
      );
      await complete(superuser);
      const checked = (await measured('check', () =>
        writer.query('select * from steadytext_check_async_batch($1)', [enqueued.rows[0]!.ids]),
      )) as pg.QueryResult;
      if (checked.rows.length !== rows) throw new Error(`Expected ${rows} rows, got ${checked.rows.length}.`);
      const written = await measured('apply', () => applyAll(writer));
      if (written !== rows) throw new Error(`Expected ${rows} results written, got ${String(written)}.`);
      await measured('look', () => applyAll(writer));
      await superuser.query(`delete from steadytext_queue where status = 'completed'`);
      await superuser.query('vacuum (analyze) steadytext_queue, steadytext_private.write_backs, shop.docs');
    }
    tell(report, `${rows} texts enqueued`, took.enqueue!, (ENQUEUE_BAR_MS * rows) / 10_000);
    tell(report, `${rows} texts enqueued whose results go into a table`, took['enqueue with a place']!);
    tell(report, `${rows} texts inserted into a bare table`, took.bare!);
    tell(report, `${rows} ids looked after`, took.check!, (CHECK_BAR_MS * rows) / 10_000);
    tell(report, `${rows} embeddings written into a table, 1,000 a call`, took.apply!);
    tell(report, `a look for results to write, where ${waiting} are awaited and none is there`, took.look!);
    await report.end(json);
  } finally {
    for (const client of clients) await client.end().catch(() => undefined);
    await server.stop('immediate');
  }
}

/** The tables of a user, and so many requests of his that nobody will run. */
async function prepare(superuser: pg.Client, rows: number, waiting: number): Promise<void> {
  await superuser.query(
    `create schema shop authorization app;
     create table shop.docs (id int primary key, body text, numbers real[]);
     create table shop.bare (id uuid primary key, body text);
     alter table shop.docs owner to app; alter table shop.bare owner to app`,
  );
  await superuser.query(`insert into shop.docs select n, 'text ' || n from generate_series(1, $1::int) n`, [
    Math.max(rows, waiting),
  ]);
  await superuser.query('set session authorization app');
  for (let done = 0; done < waiting; done += 10_000)
    await superuser.query(
      `select steadytext_embed_batch_async(array_agg(body), use_cache => false, into_table => 'shop.docs', into_column => 'numbers',
         into_keys => array_agg(jsonb_build_object('id', id)), scheduled_at => now() + interval '1 day', from_column => 'body')
       from shop.docs where id between $1 and $2`,
      [done + 1, Math.min(done + 10_000, waiting)],
    );
  await superuser.query('reset session authorization');
  await superuser.query('vacuum (analyze)');
  await superuser.query('checkpoint');
}

/** What is due gets an embedding of 384 numbers, as if a worker had settled it. */
async function complete(superuser: pg.Client): Promise<void> {
  await superuser.query(
    `update steadytext_queue set status = 'completed', runnable = false, completed_at = now(), lease_token = 1,
       embedding = (select array_agg(sin(i))::real[] from generate_series(1, 384) i)
     where status = 'pending' and runnable`,
  );
  await superuser.query(
    `update steadytext_private.write_backs w set is_finished = true from steadytext_queue q
     where q.request_id = w.request_id and q.status = 'completed' and not w.is_finished`,
  );
  await superuser.query('analyze steadytext_queue, steadytext_private.write_backs');
}

async function applyAll(writer: pg.Client): Promise<number> {
  for (let total = 0; ; ) {
    const { rows } = await writer.query(
      'select applied::int, (stale + refused + failed)::int as others from steadytext_apply_results()',
    );
    if (rows[0].others > 0)
      throw new Error(`Expected every result to be written, got ${rows[0].others} that were not.`);
    if (rows[0].applied === 0) return total;
    total += rows[0].applied;
  }
}

function tell(report: Report, what: string, took: readonly number[], bar?: number): void {
  const reached = bar === undefined || median(took) <= bar;
  const verdict = bar === undefined ? '' : `, bar ${bar} ms ${reached ? 'reached' : 'MISSED'}`;
  report.tell(
    `${what}: ${spread(took)} ms${verdict}`,
    { what, took, ...(bar !== undefined && { bars: [bar] }) },
    bar === undefined ? undefined : reached,
  );
}
