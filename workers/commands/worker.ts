// `steadytext worker`: runs requests until it is told to stop. Standard output gets one line when it is ready, standard
// error the log.

import type { Command } from 'commander';
import type { Config, ConfigOverrides } from '../config.ts';
import { startStandardWorker } from '../fleet/standard-worker.ts';
import { checkBeforeStart } from '../fleet/start-checks.ts';
import { holdYoungGeneration } from '../fleet/young-generation.ts';
import { checkFormat } from '../inference/choose-format.ts';
import type { Convert } from '../inference/convert/ensure-converted.ts';
import { openHubModels } from '../inference/hub/open-hub-models.ts';
import { readHubModels } from '../inference/hub/read-hub-models.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import { readProviders } from '../inference/provider/providers-file.ts';
import { openModelStore } from '../inference/store/model-store.ts';
import type { Logger } from '../log.ts';
import { configuredModels } from './configured-models.ts';
import { type CommandContext, openLog, print, readConfig } from './context.ts';
import { missingDefaults, warnOfMissing } from './missing-defaults.ts';
import { createProgress } from './progress.ts';
import { listenForStop, type Stop, statusOf } from './stop.ts';
import { visibleInLine } from './visible-text.ts';
import { type MakeFolder, workerModels } from './worker-models.ts';

interface WorkerFlags {
  readonly url?: string;
  readonly listenUrl?: string;
  readonly schema?: string;
  readonly name?: string;
  readonly engines?: string;
  readonly slots?: string;
  readonly kvCache?: string;
  readonly engineMemory?: string;
  readonly embedBatch?: string;
  readonly textModel?: string;
  readonly embeddingModel?: string;
  readonly rerankingModel?: string;
  readonly format?: string;
  readonly lease?: string;
  readonly drain?: string;
  readonly logLevel?: string;
}

const EXAMPLES = `
Examples:
  DATABASE_URL=postgres://worker:…@db.internal/app steadytext worker
  steadytext worker --engines 2 --slots 4 --name worker-a
  steadytext worker --url postgres://…@bouncer:6432/app --listen-url postgres://…@db:5432/app

SIGTERM or Ctrl-C: claims no more, ends what runs within --drain seconds, hands back the rest. Twice: leaves at once.

The variables behind these options, and how to choose them: docs/configuration.md`;

export function registerWorker(program: Command, context: CommandContext, convert: Convert): void {
  program
    .command('worker')
    .description('claim requests, run them on local models, and write the results back')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .option('--listen-url <address>', 'direct connection for LISTEN, where --url goes through a bouncer')
    .option('--schema <name>', 'schema of the functions')
    .option('--name <text>', "this worker's name in steadytext_workers and the log")
    .option('--engines <number>', 'engine processes (default: one a core)')
    .option('--slots <number>', 'generations side by side in one engine')
    .option('--kv-cache <MiB>', 'memory for keys and values in one engine; bounds the longest prompt')
    .option('--embed-batch <number>', 'embed requests given to one engine at once')
    .option('--text-model <names>', 'the model that generates, or several with commas between')
    .option('--embedding-model <names>', 'the models that embed, and rerank by their embeddings')
    .option('--reranking-model <names>', 'cross-encoders and decoders that rerank too (default: none)')
    .option(
      '--engine-memory <MiB>',
      'memory for the models of one engine; those used least recently are closed for others',
    )
    .option('--format <format>', 'number format of the models: auto, row8, row8u, nb8, nb4 or fp32')
    .option('--lease <seconds>', 'how long requests stay with a worker that is silent')
    .option('--drain <seconds>', 'how long running work may go on after SIGTERM')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent')
    .addHelpText('after', EXAMPLES)
    .action((flags: WorkerFlags) => runWorker(context, flags, convert));
}

async function runWorker(context: CommandContext, flags: WorkerFlags, convert: Convert): Promise<void> {
  const config = readConfig(context, overridesOf(flags), ['databaseUrl']);
  const log = openLog(context, config).child({ worker: config.workerName });
  const stop = listenForStop(context);
  context.goOnUnread();
  holdYoungGeneration();
  try {
    // A signal before it is ready ends it at once: nothing is claimed yet, and engines end with their parent.
    const starting = start(context, config, { log, signal: stop.asked }, convert);
    const started = await Promise.race([starting, stop.wanted]);
    if (typeof started === 'string') return context.setExitStatus(statusOf(started));
    const { worker, folders, fallback } = started;
    print(context, `worker ${visibleInLine(config.workerName)} ready: ${readyLine(config, folders, fallback)}`);
    const end = await Promise.race([stop.wanted, worker.crippled]);
    if (typeof end === 'string') log.info({ signal: end, drainSeconds: config.drainSeconds }, 'draining');
    else log.error({ err: end }, 'no engine');
    await Promise.race([worker.drain(), leaveWhenUrged(stop, worker.stopNow, context)]);
    // Status 1: whoever started it starts it again, on a machine or disk that may be better.
    if (typeof end !== 'string') throw end;
  } finally {
    stop.release();
  }
}

async function start(
  context: CommandContext,
  config: Config & { readonly databaseUrl: string },
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
  convert: Convert,
) {
  const providers = config.providers === undefined ? [] : readProviders(config.providers, context.env);
  const ofHub = config.hubModels === undefined ? [] : readHubModels(config.hubModels);
  await checkBeforeStart(config);
  const { cacheDir, modelDir, hfEndpoint } = config;
  const progress = createProgress(context.stderr);
  const store = openModelStore({ cacheDir, modelDir, hfEndpoint, log, progress, pip: { env: context.env } });
  // All names are looked up, and the CPU, before the first byte is fetched.
  const wanted = configuredModels(config, store, log);
  for (const { name, format } of wanted) checkFormat(name, format);
  // All that may take minutes or fail is done before a connection is held.
  const make: MakeFolder = ({ name, format }, until) => convert(store, name, format, { log, progress, signal: until });
  const own = await workerModels(wanted, make, { fallback: config.fallback, log, signal });
  const hubModels = (until: AbortSignal) => openHubModels(ofHub, { cacheDir, hfEndpoint, progress, signal: until });
  const folders = [...own.folders, ...(await hubModels(signal))];
  const missing = await missingDefaults(config);
  const worker = await startStandardWorker({
    config,
    log,
    version: context.version,
    models: own.again,
    providers,
    fallback: own.fallback,
    ...(ofHub.length > 0 && { hubModels }),
  });
  warnOfMissing(missing, log);
  return { worker, folders, fallback: own.fallback };
}

async function leaveWhenUrged(stop: Stop, leave: () => Promise<void>, context: CommandContext): Promise<void> {
  await stop.urgent;
  context.setExitStatus(statusOf(stop.signal!));
  await leave();
}

/** "2 engines, a-text and an-embedder in row8, a-reranker in nb8"; what came ready made is in the format `own`. */
function readyLine({ engines }: Config, folders: readonly ModelFolder[], fallback: readonly string[]): string {
  const models = folders.map(({ description }) => description);
  const byFormat = Object.entries(Object.groupBy(models, ({ format }) => format)).map(
    ([format, some]) => `${some.map(({ name }) => name).join(' and ')} in ${format}`,
  );
  return [
    `${engines} ${engines === 1 ? 'engine' : 'engines'}`,
    ...byFormat,
    ...fallback.map((name) => `no model for ${name}`),
  ].join(', ');
}

function overridesOf(flags: WorkerFlags): ConfigOverrides {
  const { url, name, slots, kvCache, engineMemory, format, lease, drain, ...same } = flags;
  return {
    ...same,
    databaseUrl: url,
    workerName: name,
    generateSlots: slots,
    kvCacheMb: kvCache,
    engineMemoryMb: engineMemory,
    modelFormat: format,
    leaseSeconds: lease,
    drainSeconds: drain,
  };
}
