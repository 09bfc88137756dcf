// `steadytext setup sync`: what synchronous functions need of a server, once, and whether it works.

import { type Command, InvalidArgumentError } from 'commander';
import { setupSync } from '../queue/setup-sync.ts';
import { type CommandContext, ownerAddress, printText, readConfig, remark } from './context.ts';

interface SetupSyncFlags {
  readonly url?: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
  readonly host?: string;
  readonly port?: string;
}

const EXAMPLES = `
Examples:
  STEADYTEXT_ADMIN_URL=postgres://postgres:…@db.internal/app steadytext setup sync
  steadytext setup sync --host db.internal      where the server does not reach itself at 127.0.0.1
  steadytext setup sync --host a.internal,b.internal   a primary and its standby: the one that writes is asked

Run it after migrate, as a superuser or as what a provider gives in its place. Again, it changes the password.`;

export function registerSetup(program: Command, context: CommandContext): void {
  const setup = program
    .command('setup')
    .description('set up what needs more than migrate may')
    .addHelpText('after', EXAMPLES);
  setup
    .command('sync')
    .description('set up the side channel of synchronous functions, and try it')
    .option('--url <address>', 'connection string; else STEADYTEXT_ADMIN_URL, else DATABASE_URL')
    .option('--schema <name>', 'schema of the functions (default: STEADYTEXT_SCHEMA or steadytext)')
    .option('--role-prefix <text>', "what goes before every role's name, as for migrate")
    .option(
      '--host <names>',
      'address or socket folder at which the server reaches itself (default: by what it listens on); or, with standbys, of all servers',
    )
    .option(
      '--port <numbers>',
      'port at which the server reaches itself (default: its own), or one for each host',
      portNumbers,
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: SetupSyncFlags) => runSetupSync(context, flags));
}

async function runSetupSync(context: CommandContext, flags: SetupSyncFlags): Promise<void> {
  const { address, names } = ownerAddress(context, flags.url);
  const { schema, rolePrefix, host, port } = flags;
  const config = readConfig(context, { databaseUrl: address, schema, rolePrefix }, ['databaseUrl'], names);
  const report = await setupSync({
    ...{ url: config.databaseUrl, schema: config.schema, rolePrefix: config.rolePrefix },
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  });
  printText(context, `Synchronous functions work: ${report.login} came in by ${report.host}, port ${report.port}.`);
  if (!report.keeps)
    remark(
      context,
      'Each call opens a connection of its own, some 10 ms: dblink is where others may use it too, so none can be kept open.',
    );
  if (report.shown)
    remark(
      context,
      `Prompts of calls that run can be read in pg_stat_activity and the server's log by whoever sees all sessions. A superuser turns that off by running this command again.`,
    );
}

function portNumbers(text: string): string {
  const ports = text.split(',');
  const isPort = (port: string) => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  if (ports.every(isPort)) return text;
  throw new InvalidArgumentError('Expected a whole number from 1 to 65535, or one for each host with commas between.');
}
