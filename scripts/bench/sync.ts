// `npm run bench sync`: what a synchronous call takes beside the work itself, one after the other on an idle fleet, against
// enqueueing and listening for the result, round by round.

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { chooseFormat } from '../../workers/inference/choose-format.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { median, percentile, readOptions } from './measure.ts';
import { startWorkerCommand } from './memory/worker-command.ts';
import { Report } from './report.ts';
import { measureStreams } from './sync-stream.ts';

const HELP = `Usage: npm run bench sync -- [--calls 50] [--rounds 4] [--json FILE]

Starts PostgreSQL 18 (fsync and synchronous_commit on) in a temporary folder and \`steadytext worker\` with one engine, and
measures --rounds times --calls embeddings of short texts, each after the end of the one before: by steadytext_embed, and by
steadytext_embed_async and LISTEN. What is told is the time at the client less that from claim to settle. Bar: p50 5 ms. Then
5 texts of 200 tokens by steadytext_generate_stream: its first row, its last, and the same text by steadytext_generate.
--json writes every figure into this file.`;

const BAR_P50_MS = 5;
const TEXTS = 5;
const OWN_TIME = `select extract(epoch from completed_at - started_at)::float8 * 1000 as ms, embedding is not null as done
                  from steadytext_requests order by id desc limit 1`;

const options = readOptions(HELP, { calls: 50, rounds: 4 });
if (options) await bench(options);

async function bench({ calls, rounds, json }: { calls: number; rounds: number; json?: string }): Promise<void> {
  const report = new Report('sync');
  await using stack = new AsyncDisposableStack();
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  stack.defer(() => server.stop('immediate'));
  const { writerUrl, workerUrl } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
  stack.use(await startWorkerCommand(workerUrl, 1, 8, chooseFormat('auto')));
  const client = new pg.Client(writerUrl);
  await client.connect();
  stack.defer(() => client.end());
  report.conditions({
    server: `PostgreSQL ${server.version}, durable`,
    calls: `${calls} embeddings of short texts, one after the other, ${rounds} rounds after one that does not count`,
    told: 'time at the client less the time from claim to settle',
  });
  const ways = { sync: syncCall(client), async: await asyncCall(client) };
  const added = { sync: [] as number[], async: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    for (const way of ['sync', 'async'] as const) {
      for (let call = 0; call < calls; call++) {
        const begun = performance.now();
        await ways[way](`Round ${round}, ${way} text ${call}.`);
        const took = performance.now() - begun;
        const [own] = (await client.query(OWN_TIME)).rows;
        if (!own.done) throw new Error('Expected a vector, got none');
        if (round > 0) added[way].push(took - own.ms);
      }
    }
  }
  const figures = (way: 'sync' | 'async') => ({
    p50: median(added[way]),
    p99: percentile(added[way], 0.99),
    took: added[way],
  });
  const [ours, listened] = [figures('sync'), figures('async')];
  const reached = ours.p50 <= BAR_P50_MS;
  report.tell(
    `steadytext_embed beside its work: p50 ${ours.p50.toFixed(1)} ms, p99 ${ours.p99.toFixed(1)} ms, bar ${BAR_P50_MS} ms ${reached ? 'reached' : 'MISSED'}`,
    { what: 'synchronous', ...ours, bar: BAR_P50_MS },
    reached,
  );
  report.tell(
    `steadytext_embed_async and LISTEN beside it: p50 ${listened.p50.toFixed(1)} ms, p99 ${listened.p99.toFixed(1)} ms`,
    { what: 'asynchronous', ...listened },
  );
  const stream = await measureStreams(client, TEXTS);
  report.tell(
    `steadytext_generate_stream, ${stream.tokens} tokens in ${stream.rows} rows: the first after ${stream.first.toFixed(0)} ms, all after ${stream.all.toFixed(0)}; in one piece ${stream.whole.toFixed(0)} ms`,
    { what: 'stream', ...stream },
  );
  await report.end(json);
}

function syncCall(client: pg.Client) {
  return (text: string) => client.query('select steadytext_embed($1)', [text]);
}

async function asyncCall(client: pg.Client) {
  const finished = new Set<string>();
  let look = () => {};
  client.on('notification', ({ payload }) => {
    finished.add(payload ?? '');
    look();
  });
  await client.query('listen steadytext_result');
  return async (text: string) => {
    const [{ id }] = (await client.query('select steadytext_embed_async($1) as id', [text])).rows;
    await new Promise<void>((resolve) => {
      look = () => finished.has(id) && resolve();
      look();
    });
    await client.query('select embedding from steadytext_requests where request_id = $1', [id]);
  };
}
