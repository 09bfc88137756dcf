// `steadytext status`: the fleet and the queue at one look. Shows what the login may see, and says what it may not.

import type { Command } from 'commander';
import { openApiConnection } from '../queue/api/api-connection.ts';
import { type FleetStatus, readFleetStatus, unservedModels, type WorkerStatus } from '../queue/api/fleet-status.ts';
import { type CommandContext, ownerAddress, print, printText, readConfig } from './context.ts';
import { formatRows } from './row-format.ts';

const EXAMPLES = `
Examples:
  steadytext status                                   with STEADYTEXT_ADMIN_URL where set, else DATABASE_URL
  steadytext status --json | jq .queue`;

export function registerStatus(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('show workers, engines, the queue and models that nobody serves')
    .option('--json', 'print one JSON object')
    .option('--url <address>', 'connection string to use instead')
    .addHelpText('after', EXAMPLES)
    .action((flags: { json?: boolean; url?: string }) => runStatus(context, flags));
}

/** With the threads of the model that has most, as far as its engines tell. */
function engineCount(worker: WorkerStatus): string {
  const most = mostThreads(worker);
  return most === 0 ? `${worker.engines.length}` : `${worker.engines.length} × ${threadCount(most)}`;
}

/** With its threads, where another model has more, and with how many engines have it open, where some have closed it for others. */
function servedWhere(name: string, worker: WorkerStatus): string {
  const told = modelsOf(worker).filter((model) => model.name === name);
  const open = told.filter(({ resident }) => resident);
  const { threads = 0 } = told[0] ?? {};
  const said = [
    ...(threads > 0 && threads < mostThreads(worker) ? [threadCount(threads)] : []),
    ...(open.length < told.length ? [`open in ${open.length} of ${told.length}`] : []),
  ];
  return said.length === 0 ? name : `${name} (${said.join(', ')})`;
}

function mostThreads(worker: WorkerStatus): number {
  return Math.max(0, ...modelsOf(worker).map(({ threads = 0 }) => threads));
}

function threadCount(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function modelsOf({ engines }: WorkerStatus) {
  return engines.flatMap(({ models = [] }) => models);
}

async function runStatus(context: CommandContext, flags: { json?: boolean; url?: string }): Promise<void> {
  const { address, names } = ownerAddress(context, flags.url);
  const config = readConfig(context, { databaseUrl: address }, ['databaseUrl'], names);
  const db = await openApiConnection({ url: config.databaseUrl, schema: config.schema, name: 'steadytext status' });
  try {
    const status = await readFleetStatus(db);
    const unserved = unservedModels(status);
    if (flags.json) return print(context, JSON.stringify({ ...status, unserved }, null, 2));
    for (const paragraph of describe(status, unserved, context)) printText(context, paragraph);
  } finally {
    await db.close();
  }
}

function describe(status: FleetStatus, unserved: readonly string[] | null, { stdout }: CommandContext): string[] {
  const table = (columns: readonly string[], rows: readonly (readonly unknown[])[]) =>
    formatRows(
      columns.map((name) => ({ name, dataTypeID: 0 })),
      rows,
      'table',
      stdout,
    );
  const paragraphs: string[] = [];
  if (status.workers?.length === 0) paragraphs.push('No worker has reported. Start one: steadytext worker');
  else if (status.workers) {
    const rows = status.workers.map((worker) => [
      worker.name,
      `${worker.host} ${worker.pid}`,
      worker.alive ? worker.state : 'silent',
      `${worker.heartbeat_seconds} s ago`,
      engineCount(worker),
      worker.models.map(({ name }) => servedWhere(name, worker)).join('\n'),
      worker.version,
    ]);
    paragraphs.push(table(['worker', 'process', 'state', 'heard', 'engines', 'models', 'version'], rows));
  }
  if (status.queue) {
    const rows = status.queue.map((row) => [
      row.request_type,
      row.model,
      row.status,
      row.requests,
      row.oldest_seconds === null ? '' : `${row.oldest_seconds} s`,
    ]);
    const whose =
      status.scope === 'all' ? 'all users' : `${status.login} alone (other users' requests are hidden from it)`;
    paragraphs.push(`Requests of ${whose}, completed and cancelled ones of the last hour:`);
    paragraphs.push(rows.length === 0 ? 'none' : table(['type', 'model', 'status', 'requests', 'oldest'], rows));
  }
  if (status.paused)
    paragraphs.push('The fleet is paused and begins nothing. To resume it: select steadytext_daemon_start()');
  if (unserved?.length) paragraphs.push(`No live worker serves: ${unserved.join(', ')}`);
  for (const part of status.hidden) paragraphs.push(`Not shown to ${status.login}: ${part}`);
  return paragraphs;
}
