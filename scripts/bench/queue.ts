// `npm run bench queue`: no-op requests through the public worker API, request log and audit log on and every commit
// durable, against graphile-worker and pg-boss on the same server in the same run, round by round.

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { median, percentile, readOptions } from './measure.ts';
import { type Contender, contender, type Urls } from './queue/contender.ts';
import { Report } from './report.ts';
import { installRivals } from './rivals/install.ts';

const HELP = `Usage: npm run bench queue -- [--requests 20000] [--rounds 5] [--samples 300] [--json FILE]

Starts PostgreSQL 18 (fsync and synchronous_commit on) in a temporary folder and measures, each contender in a process of
its own: draining --requests no-op requests enqueued at once, in --rounds interleaved rounds after one that does not count;
and from enqueue to the start of the handler at about 30 requests a second, --samples times. Bars: 1× graphile-worker; p50
5 ms, p99 25 ms. --json writes every figure into this file.`;

const BAR_DRAIN = 1;
const BAR_P50_MS = 5;
const BAR_P99_MS = 25;
const CONTENDERS = [
  { name: 'ours', script: 'ours.ts' },
  { name: 'graphile-worker', script: 'graphile.ts' },
  { name: 'pg-boss', script: 'pg-boss.ts' },
];
/** Requests before the latency is measured: statements prepared, code compiled. */
const WARM_UP = 50;

const options = readOptions(HELP, { requests: 20_000, rounds: 5, samples: 300 });
if (options) await bench(options);

async function bench({
  requests,
  rounds,
  samples,
  json,
}: Record<'requests' | 'rounds' | 'samples', number> & { json?: string }): Promise<void> {
  const report = new Report('queue');
  await installRivals();
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  const admin = new pg.Client(server.superuserUrl);
  try {
    const { adminUrl, writerUrl, workerUrl } = await createDevDatabase(server);
    await admin.connect();
    const settings = await admin.query(
      `select string_agg(name || '=' || setting, ' ' order by name) as text from pg_settings
       where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'server_version')`,
    );
    report.conditions({
      server: settings.rows[0].text,
      drain: `${requests} requests enqueued at once (ours by calls of at most 10,000 in one transaction, rivals by one call), ${rounds} rounds`,
      latency: `${samples} requests, one every 17–50 ms, each contender alone, after ${WARM_UP} that do not count`,
      ours: 'startWorker, request log and audit log on',
      checked: 'that all were completed, ours with a row each in request log and audit log',
      drained: 'when the database says that nothing unfinished is left, asked by each every 2 ms in SQL',
      'not alike': 'ours and pg-boss keep finished requests, graphile-worker deletes them; only ours writes logs',
      rivals:
        'graphile-worker 0.18: localQueue 500, completeJobBatchDelay 0, concurrency 24; pg-boss 12.38: 4 × 100, burst',
    });
    const urls = { admin: adminUrl, writer: writerUrl, worker: workerUrl };
    // What autovacuum would have done by the next minute, lest it does it to one of them in the middle.
    const housekeeper = new pg.Client(urls.admin);
    // Where something fails the server is stopped under it; what failed is to be told, not that.
    housekeeper.on('error', () => undefined);
    await housekeeper.connect();
    const quiet = async () => {
      await housekeeper.query('vacuum');
      await admin.query('checkpoint');
    };
    const contenders = CONTENDERS.map(({ name, script }) => contender(name, script));
    for (const each of contenders) await each.start(urls);
    await benchDrain(report, contenders, requests, rounds, quiet);
    for (const each of contenders) {
      const { memoryMb } = await each.stop();
      const sentence = `${each.name}: process ${memoryMb.toFixed(0)} MB resident after draining`;
      report.tell(sentence, { what: 'memory after draining', side: each.name, memoryMb });
    }
    await benchLatency(report, urls, samples, quiet);
    await housekeeper.end();
    await report.end(json);
  } finally {
    await admin.end().catch(() => undefined);
    await server.stop('immediate');
  }
}

async function benchDrain(
  report: Report,
  contenders: readonly Contender[],
  requests: number,
  rounds: number,
  quiet: () => Promise<unknown>,
): Promise<void> {
  const speeds = contenders.map(() => [] as number[]);
  // As long as a round that counts: compilers warm, tables grown to their size, the same for all.
  for (const each of contenders) await each.drain(requests);
  for (let round = 0; round < rounds; round++) {
    for (const [i, each] of contenders.entries()) {
      await quiet();
      const { ms } = await each.drain(requests);
      speeds[i]!.push((requests / ms) * 1000);
    }
  }
  for (const each of contenders) await each.check();
  const [ours, ...theirs] = speeds;
  for (const [i, { name }] of contenders.slice(1).entries()) {
    const bars = name === 'graphile-worker' ? { bars: [BAR_DRAIN] } : {};
    report.compare({ what: 'drain', ours: ours!, theirs: theirs[i]!, rival: name, unit: 'requests/s', ...bars });
  }
}

/** One after the other, alone: what idle rivals poll is no part of ours, nor ours of theirs. */
async function benchLatency(report: Report, urls: Urls, samples: number, quiet: () => Promise<unknown>): Promise<void> {
  const results: { name: string; p50: number; p99: number; took: readonly number[] }[] = [];
  for (const { name, script } of CONTENDERS) {
    const { start, latency, check, stop } = contender(name, script);
    await start(urls);
    await quiet();
    await latency(WARM_UP, 33);
    const { took } = await latency(samples, 33);
    await check();
    results.push({ name, p50: median(took), p99: percentile(took, 0.99), took });
    await stop();
  }
  const [ours, ...rivals] = results;
  const { p50, p99 } = ours!;
  const reached = p50 <= BAR_P50_MS && p99 <= BAR_P99_MS;
  const verdict = `bars ${BAR_P50_MS} and ${BAR_P99_MS} ms ${reached ? 'reached' : 'MISSED'}`;
  const sentence = `enqueue → handler start: ours p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${verdict}`;
  report.tell(sentence, { what: 'enqueue to start', ...ours, bars: [BAR_P50_MS, BAR_P99_MS] }, reached);
  for (const rival of rivals) {
    report.tell(
      `enqueue → handler start: ${rival.name} p50 ${rival.p50.toFixed(1)} ms, p99 ${rival.p99.toFixed(1)} ms → ` +
        `ours ${(rival.p50 / p50).toFixed(2)}× and ${(rival.p99 / p99).toFixed(2)}× as fast`,
      { what: 'enqueue to start', ...rival },
    );
  }
}
