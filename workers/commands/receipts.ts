// `steadytext receipts verify`: has results made again, by the fleet as it is now, and tells whether they come out the same.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type ApiConnection, openApiConnection } from '../queue/api/api-connection.ts';
import { type NoVerdict, sampleCompleted, VERDICTS, type Verdict, verifyResult } from '../queue/api/verify-results.ts';
import { type CommandContext, print, printText, readConfig, remark } from './context.ts';
import { formatRows } from './row-format.ts';

interface VerifyFlags {
  readonly sample?: number;
  readonly days: number;
  readonly again?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
  readonly url?: string;
}

type Row = { readonly request_id: string } & (Verdict | NoVerdict);

const MOST = 1000;
const LOOK_AGAIN_MS = 500;

const EXAMPLES = `
Examples:
  steadytext receipts verify 0197a3c2-…               one result, by its request id
  steadytext receipts verify --sample 50              fifty random ones of the last day
  steadytext receipts verify --sample 200 --days 30 --json

Whose requests may be verified, the login decides: its own, an administrator's and an auditor's those of all. Each is run
again once; exit status 1 if one came out different, was altered or failed, if one that is named
is not there or has not completed, or if that is so of a whole sample, 75 if some are still running after --timeout.`;

export function registerReceipts(program: Command, context: CommandContext): void {
  const receipts = program
    .command('receipts')
    .description('check what results say of their origin')
    .addHelpText('after', EXAMPLES);
  receipts
    .command('verify')
    .description('run completed requests again and compare what comes of them')
    .argument('[request-ids...]', 'requests that completed', requestId)
    .option('--sample <number>', `so many random requests, at most ${MOST}`, wholeFrom(1, MOST))
    .option('--days <number>', 'how far back the sample goes', wholeFrom(1, 36_500), 1)
    .option('--again', 'run those once more that have been verified already')
    .option('--timeout <seconds>', 'longest wait for all of them', wholeFrom(1, 86_400), 600)
    .option('--json', 'print one JSON object a request')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], flags: VerifyFlags, command: Command) => {
      if (ids.length > 0 === (flags.sample !== undefined))
        command.error('error: expected either request ids or --sample <number>');
      return runVerify(context, ids, flags);
    });
}

async function runVerify(context: CommandContext, ids: readonly string[], flags: VerifyFlags): Promise<void> {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  const db = await openApiConnection({ url: config.databaseUrl, schema: config.schema, name: 'steadytext receipts' });
  try {
    const chosen = flags.sample === undefined ? ids : await sampleCompleted(db, flags.sample, flags.days);
    const rows = await verifyAll(context, db, chosen, flags);
    if (flags.json) for (const row of rows) print(context, JSON.stringify(row));
    else report(context, rows);
    if (rows.some(({ verdict }) => verdict === 'pending')) context.setExitStatus(75);
    const isNamed = flags.sample === undefined;
    const nothing = rows.length > 0 && rows.every(({ verdict }) => UNVERIFIED.has(verdict));
    if (nothing || rows.some(({ verdict }) => FAULTS.has(verdict) || (isNamed && UNVERIFIED.has(verdict))))
      context.setExitStatus(1);
  } finally {
    await db.close();
  }
}

const FAULTS: ReadonlySet<string> = new Set(['different', 'altered', 'failed']);
/** What a sample finds may be pruned or retried before it is asked about; not all of it, unless the login may verify nothing. */
const UNVERIFIED: ReadonlySet<string> = new Set(['gone', 'not completed']);

/** Asks for all of them first, so that the fleet has them together, and then again and again for those still running. */
async function verifyAll(
  context: CommandContext,
  db: ApiConnection,
  ids: readonly string[],
  { again = false, timeout }: VerifyFlags,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  const ask = async (id: string, anew: boolean) => {
    const verdict = await verifyResult(db, id, anew);
    rows.set(id, { request_id: id, ...verdict });
  };
  for (const id of ids) await ask(id, again);
  const pending = () => [...rows.values()].filter(({ verdict }) => verdict === 'pending');
  if (pending().length > 0) remark(context, `${pending().length} of ${rows.size} are run again`);
  const deadline = performance.now() + 1000 * timeout;
  while (pending().length > 0 && performance.now() < deadline) {
    await Promise.race([sleep(LOOK_AGAIN_MS), db.lost]);
    for (const { request_id } of pending()) await ask(request_id, false);
  }
  return [...rows.values()];
}

function report(context: CommandContext, rows: readonly Row[]): void {
  const columns = ['request', 'verdict', 'about'].map((name) => ({ name, dataTypeID: 0 }));
  const cells = rows.map((row) => [row.request_id, row.verdict, about(row)]);
  if (rows.length > 0) printText(context, formatRows(columns, cells, 'table', context.stdout));
  const counts = [...VERDICTS, 'gone' as const, 'not completed' as const]
    .map((verdict) => [rows.filter((row) => row.verdict === verdict).length, verdict] as const)
    .filter(([count]) => count > 0);
  printText(
    context,
    rows.length === 0 ? 'No completed request to verify.' : counts.map((count) => count.join(' ')).join(', '),
  );
}

/** What an auditor goes on with. */
function about(row: Row): string {
  if (!('verification' in row))
    return row.verdict === 'gone' ? 'pruned, never enqueued, or not yours' : 'it has no result to compare';
  if (row.verdict === 'failed') return `${row.status}: ${row.error ?? 'no reason given'}`;
  if (row.verdict === 'pending') return `${row.verification} is ${row.status}`;
  if (row.differs) return row.differs.join(', ');
  if (row.was?.deterministic === false) return 'nothing promises that it comes again';
  return Object.entries(row.was ?? {})
    .map(([key, was]) => `${key}: ${String(was)}, now ${String(row.is?.[key])}`)
    .join('\n');
}

function requestId(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return [...before, text.toLowerCase()];
  throw new InvalidArgumentError('Expected a request id, such as 01a21a50-c716-7655-9c33-c1808714a32a.');
}

function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}
