// Memory: a real `steadytext worker` on a real queue. Its own process after thousands of requests that cost next to nothing,
// then its engines after prompts that fill every slot and long embedding batches. Peaks are the kernel's own (VmHWM).

import pg from 'pg';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { readOptions } from './measure.ts';
import { childrenOf, memoryOf } from './memory/process-memory.ts';
import { runAll } from './memory/run-all.ts';
import { startWorkerCommand } from './memory/worker-command.ts';
import { defaultModels } from './models.ts';
import { Report } from './report.ts';
import { paragraphs } from './texts.ts';

const HELP = `Usage: npm run bench memory -- [--requests N] [--engines N] [--slots N] [--rounds N] [--json FILE]
Peak and present memory of the processes of \`steadytext worker\` on a PostgreSQL of its own (Linux: it reads /proc).
Bars: the worker process 250 MB; each engine 1.5 × the files of its models + 200 MB. Of no rival: nothing is compared.
  --requests  embeddings of short texts, before the worker process is looked at (10000)
  --engines   engine processes (1)
  --slots     generations side by side in one engine (8)
  --rounds    of the heavy work: for each engine two prompts a slot that fill its cache, one that is as long as can be,
              and 64 embeddings of texts longer than the model takes (1)
  --json      writes every figure into this file`;

const WORKER_BAR = 250e6;
const engineBar = (modelBytes: number) => 1.5 * modelBytes + 200e6;

const options = readOptions(HELP, { requests: 10_000, engines: 1, slots: 8, rounds: 1 });
if (options && process.platform !== 'linux') {
  console.error(`Expected Linux, whose /proc tells the peak of a process, got ${process.platform}.`);
  process.exitCode = 2;
} else if (options) await bench(options);

async function bench(
  sizes: Record<'requests' | 'engines' | 'slots' | 'rounds', number> & { json?: string },
): Promise<void> {
  const { requests, engines, slots, rounds } = sizes;
  const report = new Report('memory');
  const models = await defaultModels();
  const modelBytes = models
    .flatMap(({ description }) => Object.values(description.files))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const server = await startEmbeddedServer({ version: 18, temporary: true });
  try {
    const { writerUrl, workerUrl } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
    await using worker = await startWorkerCommand(workerUrl, engines, slots, models[0]!.description.format);
    await using client = Object.assign(new pg.Client(writerUrl), {
      [Symbol.asyncDispose]: () => client.end(),
    });
    await client.connect();
    report.conditions({
      server: `PostgreSQL ${server.version}, in a temporary folder`,
      worker: `the command with --engines ${engines} --slots ${slots}`,
      models: models.map(({ description: { name, format } }) => `${name} in ${format}`).join(', '),
      'model files': `${megabytes(modelBytes)} as they are converted, all of them in each engine`,
      light: `${requests} embeddings of texts of two words, enqueued at once`,
      heavy: `rounds: ${rounds}, each of ${engines * (2 * slots + 1)} prompts and ${engines * 64} embeddings of long texts`,
    });

    const light =
      'steadytext_embed_batch_async(array(select $1::text || i from generate_series(1, $2::int) i), use_cache => false)';
    for (let left = requests; left > 0; left -= 10_000) await runAll(client, light, ['text ', Math.min(left, 10_000)]);
    tellMemory(report, 'worker process, light work', worker.pid, WORKER_BAR);

    const text = paragraphs().join(' ');
    const many = Array.from({ length: engines * 2 * slots }, (_, i) => `${i}. ${text.slice(i * 100, i * 100 + 1_200)}`);
    // Some 1,930 tokens, of 2,047 that an engine has room for by default.
    const long = Array.from({ length: engines }, (_, i) => `${i}. ${text.slice(0, 6_500)}`);
    const long64 = Array.from({ length: engines * 64 }, (_, i) => `${i}. ${text.slice(i * 20, i * 20 + 3_000)}`);
    const generate = 'steadytext_generate_batch_async($1::text[], max_tokens => 64, use_cache => false)';
    const embed = 'steadytext_embed_batch_async($1::text[], use_cache => false)';
    const work = [
      ['prompts in every slot', generate, many],
      ['a prompt that is as long as can be', generate, long],
      ['long embeddings', embed, long64],
    ] as const;
    for (let round = 1; round <= rounds; round++) {
      for (const [what, batch, texts] of work) {
        await runAll(client, batch, [texts]);
        const peaks = childrenOf(worker.pid).map((pid) => memoryOf(pid).peak);
        const sentence = `engines after ${what}, round ${round}: peak until now ${peaks.map(megabytes).join(', ')}`;
        report.tell(sentence, { what, round, peaks });
      }
    }
    tellMemory(report, 'worker process, heavy work', worker.pid, WORKER_BAR);
    const pids = childrenOf(worker.pid);
    for (const [i, pid] of pids.entries()) tellMemory(report, `engine ${i + 1}`, pid, engineBar(modelBytes));
    if (pids.length !== engines) throw new Error(`Expected ${engines} engines, found ${pids.length}.`);
    await report.end(sizes.json);
  } finally {
    await server.stop('immediate');
  }
}

function tellMemory(report: Report, what: string, pid: number, bar: number): void {
  const { peak, now } = memoryOf(pid);
  const verdict = peak <= bar ? 'reached' : 'MISSED';
  const sentence = `${what}: peak ${megabytes(peak)}, now ${megabytes(now)}, bar ${megabytes(bar)} ${verdict}`;
  report.tell(sentence, { what, peak, now, bar }, peak <= bar);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
