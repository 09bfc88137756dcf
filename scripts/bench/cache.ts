// `npm run bench cache`: what a hit of a large cache takes, and whether an eviction holds it up, beside a bare look-up of the same
// entry by its key.

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { fillCache, MODEL } from './cache/fill-cache.ts';
import { median, percentile, readOptions } from './measure.ts';
import { Report } from './report.ts';

const HELP = `Usage: npm run bench cache -- [--entries 1000000] [--samples 1000] [--evicted 100000] [--json FILE]

Starts PostgreSQL 18 (fsync and synchronous_commit on) in a temporary folder, fills the cache with --entries results of one
user, and measures one session that asks --samples times for the result of a request: a hit of the cache as
steadytext_generate_async gives it, committed, with its rows in queue, request log and audit log; the same while --evicted entries
are evicted; a request that is not in the cache; and as the least that could be a bare look-up of the row by its key. Bar: p50 of a hit 2 ms.
--json writes every figure into this file.`;

const BAR_P50_MS = 2;
const WARM_UP = 100;

const options = readOptions(HELP, { entries: 1_000_000, samples: 1000, evicted: 100_000 });
if (options) await bench(options);

type Sizes = Record<'entries' | 'samples' | 'evicted', number> & { json?: string };

async function bench({ entries, samples, evicted, json }: Sizes): Promise<void> {
  const report = new Report('cache');
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
    const { adminUrl, writerUrl } = await createDevDatabase(server);
    const superuserUrl = Object.assign(new URL(server.superuserUrl), { pathname: new URL(adminUrl).pathname }).href;
    const [admin, writer, superuser] = [await connect(adminUrl), await connect(writerUrl), await connect(superuserUrl)];
    report.conditions({
      entries: `${entries} of one user, texts of 500 letters`,
      samples: `${samples}, of each in turn, after ${WARM_UP} that do not count`,
      model: MODEL,
    });
    const keys = await fillCache(superuser, writer, entries);
    let next = 0;
    const hit = () =>
      writer.query({
        name: 'hit',
        text: 'select steadytext_generate_async($1)',
        values: [keys.prompt(next++ % entries)],
      });
    const miss = () =>
      writer.query({ name: 'hit', text: 'select steadytext_generate_async($1)', values: [`unknown ${next++}`] });
    const bare = () =>
      superuser.query({
        name: 'bare',
        text: 'select result from steadytext_cache_entries where user_id = $1 and cache_key = $2',
        values: [keys.userId, keys.key(next++ % entries)],
      });
    const took = await inTurn({ hit, miss, bare }, samples);
    const hits = await superuser.query(`select count(*)::int as hits from steadytext_queue where status = 'completed'`);
    if (hits.rows[0].hits !== samples + WARM_UP)
      throw new Error(`Expected ${samples + WARM_UP} hits, got ${hits.rows[0].hits}.`);
    tell(report, 'a hit', took.hit, BAR_P50_MS);
    tell(report, 'a request that is not in the cache', took.miss);
    tell(report, 'a bare look-up by key', took.bare);
    report.tell(`a hit takes ${(median(took.hit) / median(took.bare)).toFixed(1)} times as long as the bare look-up`, {
      what: 'ratio',
      ratio: median(took.hit) / median(took.bare),
    });
    const began = performance.now();
    const eviction = admin.query(
      'select * from steadytext_cache_evict_by_age(target_entries => $1, min_age_hours => 0)',
      [entries - evicted],
    );
    let done = false;
    const ended = eviction.finally(() => {
      done = true;
    });
    const during: number[] = [];
    next = evicted;
    while (!done) during.push(await time(hit));
    const { rows } = await ended;
    const seconds = (performance.now() - began) / 1000;
    report.tell(`${rows[0].evicted_count} entries evicted in ${seconds.toFixed(1)} s`, {
      what: 'eviction',
      seconds,
      ...rows[0],
    });
    tell(report, 'a hit meanwhile', during);
    report.tell(`the longest hit meanwhile took ${Math.max(...during).toFixed(1)} ms`, {
      what: 'longest',
      ms: Math.max(...during),
    });
    await report.end(json);
  } finally {
    for (const client of clients) await client.end().catch(() => undefined);
    await server.stop('immediate');
  }
}

function tell(report: Report, what: string, took: readonly number[], bar?: number): void {
  const [p50, p99] = [median(took), percentile(took, 0.99)];
  const reached = bar === undefined || p50 <= bar;
  const verdict = bar === undefined ? '' : `, bar p50 ${bar} ms ${reached ? 'reached' : 'MISSED'}`;
  const sentence = `${what}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms of ${took.length}${verdict}`;
  report.tell(sentence, { what, p50, p99, took, ...(bar === undefined ? {} : { bars: [bar] }) }, reached);
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

/** One of each after the other, so that what the server has to do beside meets all of them alike. */
async function inTurn<Name extends string>(
  runs: Readonly<Record<Name, () => Promise<unknown>>>,
  samples: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(runs) as Name[];
  const took = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let i = -WARM_UP; i < samples; i++)
    for (const name of names) {
      const ms = await time(runs[name]);
      if (i >= 0) took[name].push(ms);
    }
  return took;
}
