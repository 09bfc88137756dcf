// `steadytext dev`: a whole system on one machine: an embedded PostgreSQL, migrated, with a worker. Stays until Ctrl-C, or
// runs one command and ends with its status; either way nothing is left running.

import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config.ts';
import { defaultDataFolder } from '../dev/data-folder.ts';
import { createDevDatabase, type DevDatabase } from '../dev/dev-database.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../dev/embedded-server.ts';
import { serverAccount } from '../dev/system-account.ts';
import { hasVector, vectorFolder, vectorSettings } from '../dev/vector-folder.ts';
import { SteadyTextError } from '../errors.ts';
import { MAINTENANCE_QUEUES } from '../maintenance/queues.ts';
import { type CommandContext, openLog, print, remark } from './context.ts';
import { runShellCommand } from './dev-exec.ts';
import { type DevNumbers, type DevSettings, readDevSettings } from './dev-flags.ts';
import { startWorkerProcess, tellEnd, type WorkerProcess } from './dev-worker.ts';
import { fetchVector } from './fetch-vector.ts';
import { createProgress } from './progress.ts';
import { listenForStop, type Stop, statusOf } from './stop.ts';

interface DevFlags extends DevNumbers {
  readonly exec?: string;
  readonly data?: string;
  readonly temp?: boolean;
  readonly worker: boolean;
}

const EXAMPLES = `
Examples:
  steadytext dev                                       database and worker until Ctrl-C
  steadytext dev --temp --exec "npm test"              a fresh database for one command
  steadytext dev --exec 'steadytext enqueue generate "Say hello." --wait'
  steadytext dev --pg 15 --port 5433 --data ./db
  steadytext dev --with vector                         with pgvector

A command of --exec finds steadytext on its PATH, and gets DATABASE_URL (an ordinary login that may enqueue) and STEADYTEXT_ADMIN_URL (owner of the database).`;

export function registerDev(program: Command, context: CommandContext): void {
  program
    .command('dev')
    .description('run an embedded PostgreSQL, migrated, with a worker, until Ctrl-C or for one command')
    .option('--exec <command>', 'run this by the shell, then stop everything and end with its status', shellCommand)
    .addOption(
      new Option(
        '--data <folder>',
        "where the database's files stay, a folder for them alone (default: in the cache folder)",
      )
        .argParser(dataFolder)
        .conflicts('temp'),
    )
    .option('--temp', 'a temporary database, removed at the end')
    .option('--pg <version>', 'PostgreSQL 15, 16, 17 or 18', '18')
    .option('--port <number>', 'port of the server (default: the one of the last start, or a free one)')
    .option('--no-worker', 'start the database alone')
    .option('--with <extension>', 'vector: pgvector in the database (PostgreSQL 18), fetched from PyPI by pip once')
    .option('--engines <number>', 'engine processes of the worker (default: one a core)')
    .addHelpText('after', EXAMPLES)
    .action((flags: DevFlags) => runDev(context, flags));
}

/**
 * What the driver and psql take from the environment besides the parts of an address: meant for a server of the caller's. Gone
 * from ours, and with it from that of the worker and the command.
 */
const SESSION_VARIABLES = ['PGOPTIONS', 'PGSSLNEGOTIATION', 'PGREPLICATION', 'PGBINARY'];

async function runDev(context: CommandContext, flags: DevFlags): Promise<void> {
  const settings = readDevSettings(context, flags);
  const { config } = settings;
  for (const name of SESSION_VARIABLES) Reflect.deleteProperty(context.env, name);
  const stop = listenForStop(context);
  await using started = new AsyncDisposableStack();
  started.defer(() => stop.release());
  const server = await startServer(context, settings, flags, stop.asked).catch((error: unknown) => {
    // A Ctrl-C at the terminal reaches initdb too, which then fails: that is no error to tell.
    if (!stop.asked.aborted) throw error;
  });
  if (!server) return context.setExitStatus(statusOf(stop.signal!));
  started.defer(() => server.stop());
  const { lost, isLost } = watchServer(server, flags);
  const database = await Promise.race([createDevDatabase(server, databaseOptions(settings)), lost]);
  if (flags.worker && !stop.asked.aborted) {
    const worker = startWorkerProcess(workerEnvironment(context, config, database));
    // Without its database it could neither settle nor hand back.
    started.defer(() => worker.stop(Promise.race([stop.urgent, server.ended])));
    const ready = worker.ready(database.adminUrl);
    const report = await Promise.race([ready, stop.wanted, lost]);
    if (typeof report === 'object')
      remark(context, `Worker ${worker.pid} serves ${report.models.map(({ name }) => name).join(' and ')}.`);
    watch(context, worker, stop);
  }
  // Stopped before the command, or before there was a system to stay for.
  if (stop.asked.aborted) context.setExitStatus(statusOf(stop.signal!));
  else if (flags.exec !== undefined) {
    const wanted = Promise.race([stop.wanted, lost.catch(() => 'SIGTERM' as const)]);
    await execute(context, flags.exec, database, { wanted, urgent: stop.urgent });
    if (isLost()) await lost;
    return;
  } else {
    describeSystem(context, server, database, flags.worker);
    await Promise.race([stop.wanted, lost]);
  }
  if (flags.worker) remark(context, 'Stopping when running requests have ended; a second Ctrl-C stops at once.');
}

async function startServer(
  context: CommandContext,
  { config, version, port, withVector }: DevSettings,
  flags: DevFlags,
  signal: AbortSignal,
): Promise<EmbeddedServer> {
  const account = serverAccount();
  const vector = vectorFolder(config.cacheDir, account);
  if (withVector) await fetchVector(vector, context.env, createProgress(context.stderr), signal);
  const place = flags.temp
    ? ({ temporary: true } as const)
    : { dataDir: flags.data ?? defaultDataFolder(config.cacheDir, version, account) };
  const wished = port === undefined ? {} : { port };
  // Also where it is not asked for this time: the database may have it from another.
  const settings = version === 18 && hasVector(vector) ? vectorSettings(vector) : {};
  const server = await startEmbeddedServer({ version, log: openLog(context, config), settings, ...wished, ...place });
  remark(context, `PostgreSQL ${server.version} on port ${server.port}, data in ${server.dataDir}.`);
  return server;
}

function databaseOptions({ withVector }: DevSettings) {
  return { queues: MAINTENANCE_QUEUES, extensions: withVector ? ['vector'] : [] };
}

/** `lost` rejects when the server's process ends, which is for us alone to say as long as it is needed. */
function watchServer(server: EmbeddedServer, { temp }: DevFlags) {
  let ended = false;
  const lost = server.ended.then((): never => {
    ended = true;
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      'PostgreSQL should run until dev stops it, but its process ended',
      {
        hint: temp
          ? 'Its data was temporary and is gone; start dev again for a new one.'
          : `Start dev again, and it recovers what was committed. It may have been killed, by the system for want of memory for instance; its log is in ${server.dataDir}.`,
      },
    );
  });
  lost.catch(() => undefined);
  return { lost, isLost: () => ended };
}

async function execute(
  context: CommandContext,
  command: string,
  database: DevDatabase,
  stop: Pick<Stop, 'wanted' | 'urgent'>,
): Promise<void> {
  const env = {
    ...context.env,
    ...PLAIN_NAMES,
    PATH: pathWithUs(context.env.PATH),
    DATABASE_URL: database.writerUrl,
    STEADYTEXT_ADMIN_URL: database.adminUrl,
  };
  const atTerminal = context.stdin.isTTY === true;
  context.setExitStatus(await runShellCommand(command, env, stop, atTerminal));
}

/** `steadytext` is this one; `node` is the caller's own, and ours where there is none. */
function pathWithUs(path: string | undefined): string {
  const bin = fileURLToPath(new URL('../../bin', import.meta.url));
  return [bin, ...(path ? [path] : []), dirname(process.execPath)].join(delimiter);
}

/** Settings of the caller's own environment that are of another database. */
const PLAIN_NAMES = {
  STEADYTEXT_LISTEN_URL: undefined,
  STEADYTEXT_SCHEMA: undefined,
  STEADYTEXT_ROLE_PREFIX: undefined,
};

/** The worker's login and nobody else's. */
function workerEnvironment(context: CommandContext, config: Config, database: DevDatabase) {
  return {
    ...context.env,
    ...PLAIN_NAMES,
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_ADMIN_URL: undefined,
    STEADYTEXT_ENGINES: String(config.engines),
    // Starts and stops are told by us; a person at the terminal wants trouble only.
    STEADYTEXT_LOG_LEVEL: context.env.STEADYTEXT_LOG_LEVEL ?? 'warn',
  };
}

function watch(context: CommandContext, worker: WorkerProcess, stop: Stop): void {
  void worker.ended.then((end) => {
    if (!stop.asked.aborted && end !== 0)
      remark(context, `The worker ${tellEnd(end)}; the database goes on. Start dev again for a new one.`);
  });
}

function describeSystem(
  context: CommandContext,
  server: EmbeddedServer,
  database: DevDatabase,
  withWorker: boolean,
): void {
  print(context, `admin   ${database.adminUrl}   (owner of the database)`);
  print(context, `writer  ${database.writerUrl}   (an ordinary login: the DATABASE_URL of an application)`);
  print(context);
  if (withWorker) {
    print(context, `Try:  export DATABASE_URL='${database.writerUrl}'`);
    print(context, '      npx steadytext enqueue generate "Name three primary colours." --wait --max-tokens 40');
  } else {
    print(context, 'No worker runs, and requests wait for one. To start it by hand:');
    print(context, `      npx steadytext worker --url '${database.workerUrl}'`);
  }
  remark(context, `Ctrl-C stops PostgreSQL ${server.version}${withWorker ? ' and the worker' : ''}.`);
}

/** An empty one is a variable that a script has not set; the current directory, which it would name, is ".". */
function dataFolder(path: string): string {
  if (path === '') throw new InvalidArgumentError('Expected a folder.');
  return path;
}

function shellCommand(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a command for the shell.');
  return text;
}
