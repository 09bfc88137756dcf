// `steadytext apply`: writes the results of one login into its tables, as they come or once. The login's own rights count and no others.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type ApiConnection, openApiConnection } from '../queue/api/api-connection.ts';
import { type Applied, applyResults, NOTHING, sumOf, totalOf } from '../queue/api/apply-results.ts';
import { isConnectionLost, sqlStateOf } from '../queue/error-map.ts';
import { reconnectDelay } from '../queue/reconnect-policy.ts';
import { type CommandContext, openLog, print, readConfig } from './context.ts';
import { listenForStop } from './stop.ts';

interface ApplyFlags {
  readonly once?: boolean;
  readonly interval: number;
  readonly batch: number;
  readonly json?: boolean;
  readonly url?: string;
}

/** Between two looks: notices of a busy fleet are of everybody's requests, and each may be one of this login's. */
const LEAST_PAUSE_MS = 200;

const EXAMPLES = `
Examples:
  steadytext apply            until SIGTERM: results as they come
  steadytext apply --once     what is there now; status 1 if some could not be written

Writes what requests with into_table came to, of the login of DATABASE_URL alone and with its rights. Run one for each login that
enqueues such requests; two of one login share the work. In place of it pg_cron or the application may call
steadytext_apply_results(). What came of each is in the view steadytext_write_backs.`;

export function registerApply(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .description('write finished results into the tables that into_table named, with DATABASE_URL')
    .option('--once', 'write what is there, print how many, and end')
    .option('--interval <seconds>', 'longest pause between two looks; a notice makes one at once', seconds, 5)
    .option('--batch <number>', 'most results of one transaction (1 to 10000)', batchSize, 1000)
    .option('--json', 'with --once: print JSON')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .addHelpText('after', EXAMPLES)
    .action((flags: ApplyFlags, command: Command) => {
      if (flags.json && !flags.once) command.error("error: option '--json' is of use with --once only");
      return flags.once ? applyOnce(context, flags) : applyForGood(context, flags);
    });
}

async function applyOnce(context: CommandContext, flags: ApplyFlags): Promise<void> {
  const db = await connect(context, flags);
  try {
    const counts = await applyAll(db, flags.batch);
    const words = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    print(context, flags.json ? JSON.stringify(counts) : words.join(', '));
    if (counts.refused > 0) context.setExitStatus(1);
  } finally {
    await db.close();
  }
}

/** What fails at the start ends it, since nobody has seen it work; later on, only what trying again cannot mend. */
async function applyForGood(context: CommandContext, flags: ApplyFlags): Promise<void> {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  const log = openLog(context, config);
  const stop = listenForStop(context);
  const waker = makeWaker();
  stop.asked.addEventListener('abort', waker.wake);
  context.goOnUnread();
  let db: ApiConnection | null = await connectAwake(context, flags, waker);
  let failures = 0;
  try {
    while (!stop.asked.aborted) {
      try {
        db ??= await connectAwake(context, flags, waker);
        await applyAll(db, flags.batch, (counts) => log.info({ ...counts }, 'results written'), stop.asked);
        failures = 0;
        await waker.next(1000 * flags.interval);
        await pause(LEAST_PAUSE_MS, stop.asked);
      } catch (error) {
        if (!mayPass(error)) throw error;
        failures++;
        // Of the error its code alone: messages of PostgreSQL may quote a row.
        log.warn({ code: sqlStateOf(error) || 'connection', failures }, 'apply failed');
        if (isConnectionLost(error)) {
          await db?.close().catch(() => undefined);
          db = null;
        }
        await pause(Math.max(LEAST_PAUSE_MS, reconnectDelay(failures, Math.random())), stop.asked);
      }
    }
  } finally {
    stop.release();
    await db?.close().catch(() => undefined);
  }
}

/** Listens from now on: a notice of anybody's request, and the end of the connection, wake. */
async function connectAwake(context: CommandContext, flags: ApplyFlags, { wake }: Waker): Promise<ApiConnection> {
  const db = await connect(context, flags);
  db.lost.catch(wake);
  await db.listen('steadytext_result', wake).catch(async (error: unknown) => {
    await db.close().catch(() => undefined);
    throw error;
  });
  return db;
}

interface Waker {
  readonly wake: () => void;
  /** Resolves when it was woken since the last time, or after so long. */
  next(ms: number): Promise<void>;
}

function makeWaker(): Waker {
  let isAwake = false;
  let ring = () => {};
  return {
    wake: () => {
      isAwake = true;
      ring();
    },
    async next(ms) {
      if (!isAwake) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          ring = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isAwake = false;
    },
  };
}

function connect(context: CommandContext, flags: ApplyFlags): Promise<ApiConnection> {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  return openApiConnection({ url: config.databaseUrl, schema: config.schema, name: 'steadytext apply' });
}

/** Page by page until nothing is left, or it is asked to stop. */
async function applyAll(
  db: ApiConnection,
  most: number,
  tell: (counts: Applied) => void = () => undefined,
  stopped?: AbortSignal,
): Promise<Applied> {
  let all = NOTHING;
  while (!stopped?.aborted) {
    const counts = await applyResults(db, most);
    if (totalOf(counts) === 0) break;
    tell(counts);
    all = sumOf(all, counts);
  }
  return all;
}

/** The server is away or stops, transactions collided, a lock was not had, there was no room: another time it may go through. */
function mayPass(error: unknown): boolean {
  return isConnectionLost(error) || /^(40|53|57)|^55P03/.test(sqlStateOf(error));
}

async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}

function seconds(text: string): number {
  const value = /^\d{1,5}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.2 && value <= 86_400) return value;
  throw new InvalidArgumentError('Expected a number from 0.2 to 86400.');
}

function batchSize(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 10_000) return value;
  throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
}
