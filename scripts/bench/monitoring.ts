// `npm run bench monitoring`: what the numbers of a large request log take that are asked for again and again.

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { median, percentile, readOptions } from './measure.ts';
import { Report } from './report.ts';

const HELP = `Usage: npm run bench monitoring -- [--rows 1000000] [--samples 50] [--days 7] [--json FILE]

Starts PostgreSQL 18 (fsync and synchronous_commit on) in a temporary folder, fills the request log with --rows calls of a hundred
users and six models over --days, counts them as 200 batches of a minute that nobody has added up yet, and asks --samples times as an administrator: export_prometheus_metrics()
(bar: p50 50 ms), steadytext_performance_metrics (bar: p50 200 ms), diagnose_steadytext(); then the metrics once more with the same calls all within
the last hour, and a bare count of the log. --json writes every figure into this file.`;

const BARS = { export: 50, metrics: 200 };
const WARM_UP = 3;
const BATCHES = 12_000;

const options = readOptions(HELP, { rows: 1_000_000, samples: 50, days: 7 });
if (options) await bench(options);

type Sizes = Record<'rows' | 'samples' | 'days', number> & { json?: string };

async function bench({ rows, samples, days, json }: Sizes): Promise<void> {
  const report = new Report('monitoring');
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  const clients: pg.Client[] = [];
  const connect = async (url: string) => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  try {
    const { adminUrl } = await createDevDatabase(server);
    const superuserUrl = Object.assign(new URL(server.superuserUrl), { pathname: new URL(adminUrl).pathname }).href;
    const [admin, superuser] = [await connect(adminUrl), await connect(superuserUrl)];
    report.conditions({ rows: `${rows} over ${days} days, one in five from the cache`, samples, batches: BATCHES });
    const measure = async (what: string, statement: string, bar?: number) => {
      const took: number[] = [];
      for (let i = -WARM_UP; i < samples; i++) {
        const began = performance.now();
        await admin.query(statement);
        if (i >= 0) took.push(performance.now() - began);
      }
      const [p50, p99] = [median(took), percentile(took, 0.99)];
      const reached = bar === undefined || p50 <= bar;
      const verdict = bar === undefined ? '' : `, bar p50 ${bar} ms ${reached ? 'reached' : 'MISSED'}`;
      const sentence = `${what}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${took.length}${verdict}`;
      report.tell(sentence, { what, p50, p99, took, ...(bar === undefined ? {} : { bars: [bar] }) }, reached);
    };
    await fill(superuser, rows, days * 86_400);
    await measure('export_prometheus_metrics()', 'select export_prometheus_metrics()', BARS.export);
    const metrics = 'select * from steadytext_performance_metrics';
    await measure('steadytext_performance_metrics', metrics, BARS.metrics);
    await measure('diagnose_steadytext()', 'select * from diagnose_steadytext()');
    await measure('a bare count of the log', 'select count(*) from steadytext_request_log');
    await superuser.query('truncate steadytext_request_log');
    await fill(superuser, rows, 3500);
    await measure('steadytext_performance_metrics with all of them within the last hour', metrics);
    await report.end(json);
  } finally {
    for (const client of clients) await client.end().catch(() => undefined);
    await server.stop('immediate');
  }
}

/** In the order of their ends, as settles write them; then what autovacuum does. */
async function fill(superuser: pg.Client, rows: number, seconds: number): Promise<void> {
  await superuser.query(
    `insert into steadytext_request_log (finished_at, requested_at, user_id, request_id, request_type, model, outcome, tokens_in,
       tokens_out, tokens_used, queue_wait_ms, duration_ms, retry_count, cache_hit)
     select t.at, t.at - interval '1 second', i % 100, gen_random_uuid(), (array['generate', 'embed', 'rerank'])[1 + i % 3],
       'model ' || i % 6, 'completed', 20, 40, 60, i % 900, case when i % 5 = 0 then 0 else (i * 7919::bigint) % 5000 end, 0, i % 5 = 0
     from generate_series(0, $1::int - 1) i cross join lateral (select now() - make_interval(secs => $2::float8 * (1 - i::float8 / $1))) t (at)`,
    [rows, seconds],
  );
  await superuser.query(
    `insert into steadytext_private.request_tallies (request_type, model, outcome, cache_hit, requests, retries, tokens_in, tokens_out,
       run_ms, run_counts, wait_ms, wait_counts)
     select (array['generate', 'embed', 'rerank'])[1 + i % 3], 'model ' || i % 6, 'completed', i % 5 = 0, 200, 0, 4000, 8000, 90000,
       array_fill(50::bigint, array[14]), 9000, array_fill(50::bigint, array[14])
     from generate_series(1, $1::int) i`,
    [BATCHES],
  );
  await superuser.query('vacuum analyze');
  await superuser.query('checkpoint');
}
