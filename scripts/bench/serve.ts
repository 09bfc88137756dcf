// Serving: clients that ask through SQL, of a real `steadytext worker` on a PostgreSQL of its own, against as many that ask
// llama-server over HTTP, on the same cores, in alternating rounds.

import { availableParallelism } from 'node:os';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { encodePrompt } from '../../workers/inference/text/encode-prompt.ts';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { percentile, readOptions, spread } from './measure.ts';
import { startWorkerCommand } from './memory/worker-command.ts';
import { textModel } from './models.ts';
import { otherLoad } from './other-load.ts';
import { promptsOf } from './prompts.ts';
import { Report } from './report.ts';
import { type LlamaServer, startLlamaServer } from './rivals/native-llama/llama-server.ts';
import { nativeLlama } from './rivals/native-llama/native-llama.ts';
import { type Served, serve } from './serve/clients.ts';
import { openOurClients } from './serve/our-clients.ts';

const HELP = `Usage: npm run bench serve -- [--rounds N] [--clients N] [--requests N] [--json FILE]
Generated tokens a second over the whole time, and the time of each request: prompts of 128 tokens, answers of 48, no cache,
through SQL against llama-server over HTTP (Q8_0, a slot a client, flash attention), both on all cores of this machine. Where
llama.cpp cannot be built, that is said, and only ours is measured.
  --rounds    rounds that alternate, after one that does not count (3)
  --clients   at once (16)
  --requests  of each client in a round, one after the other (3)
  --json      writes every figure into this file`;

const PROMPT = 128;
const TOKENS = 48;
const BAR = 1.5;
const RIVAL = 'llama-server Q8_0';
const SCHEMA = 'steadytext';

interface Sizes {
  readonly rounds: number;
  readonly clients: number;
  readonly requests: number;
}

async function bench({ rounds, clients, requests }: Sizes, json?: string): Promise<void> {
  const threads = availableParallelism();
  const { own, gguf } = await textModel();
  const llama = await nativeLlama(gguf);
  const encode = encodePrompt(await readTokenizer(own));
  const prompts = promptsOf(encode, clients * requests, PROMPT);
  const ids = prompts.map(encode);
  const slots = Math.ceil(clients / threads);
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  try {
    const { writerUrl, workerUrl } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
    const settings = { STEADYTEXT_PREFIX_CACHE_MB: '0' };
    await using _worker = await startWorkerCommand(workerUrl, threads, slots, own.description.format, settings);
    await using ours = await openOurClients(writerUrl, SCHEMA, clients);
    await using theirs =
      llama && (await startLlamaServer(llama, 'Q8_0', { slots: clients, threads, tokens: PROMPT + TOKENS }));
    const report = new Report('serve');
    report.conditions({
      server: `PostgreSQL ${server.version}, every commit durable, in a temporary folder`,
      ours: `a worker of ${threads} engines of 1 thread and ${slots} slots, model in ${own.description.format}, prefix cache off`,
      clients: `${clients} connections that enqueue and listen for their results, or ask over HTTP; ${requests} requests each`,
      rival: llama
        ? `llama-server Q8_0 of ${llama.version}, ${clients} slots, ${threads} threads`
        : 'none: not to be had',
      work: `${PROMPT} tokens of prompt, ${TOKENS} new ones, greedy, no prompt twice in a round`,
      rounds,
    });
    const place = (client: number, request: number) => client * requests + request;
    const askOurs = (client: number, request: number) =>
      ours.complete(client, prompts[place(client, request)]!, TOKENS);
    const askTheirs = (rival: LlamaServer) => (client: number, request: number) =>
      rival.complete(ids[place(client, request)]!, TOKENS);
    const results = { ours: [] as Served[], theirs: [] as Served[] };
    const others: number[] = [];
    for (let round = -1; round < rounds; round++) {
      if (round >= 0) others.push(await otherLoad());
      const runOurs = async () => {
        const served = await serve(clients, requests, TOKENS, askOurs);
        if (round >= 0) results.ours.push(served);
      };
      const runTheirs = async () => {
        if (!theirs) return;
        const served = await serve(clients, requests, TOKENS, askTheirs(theirs));
        if (round >= 0) results.theirs.push(served);
      };
      for (const run of round % 2 === 0 ? [runOurs, runTheirs] : [runTheirs, runOurs]) await run();
    }
    tell(report, results);
    report.others(others);
    await report.end(json);
  } finally {
    await server.stop('immediate');
  }
}

function tell(report: Report, { ours, theirs }: { ours: readonly Served[]; theirs: readonly Served[] }): void {
  const rates = (side: readonly Served[]) => side.map(({ rate }) => rate);
  const unit = 'generated tokens/s';
  if (theirs.length > 0) {
    report.compare({ what: 'serving', ours: rates(ours), theirs: rates(theirs), rival: RIVAL, unit, bars: [BAR] });
  } else {
    report.tell(`serving: ours ${spread(rates(ours))} ${unit}, bar not judged`, { what: 'serving', ours: rates(ours) });
  }
  for (const [name, side] of Object.entries({ ours, [RIVAL]: theirs })) {
    if (side.length === 0) continue;
    const took = side.flatMap((served) => served.took);
    const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
    const sentence = `time of a request, ${name}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
    report.tell(`${sentence} (${took.length} requests)`, { what: 'time of a request', side: name, p50, p99, took });
  }
}

const options = readOptions(HELP, { rounds: 3, clients: 16, requests: 3 });
if (options) await bench(options, options.json);
