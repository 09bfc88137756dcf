// `steadytext config sync`: takes over what ALTER SYSTEM says of our settings, which only an administrator's login can read.

import type { Command } from 'commander';
import { configSync } from '../queue/config-sync.ts';
import { type CommandContext, ownerAddress, printText, readConfig } from './context.ts';

interface ConfigSyncFlags {
  readonly url?: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
}

const EXAMPLES = `
Examples:
  STEADYTEXT_ADMIN_URL=postgres://postgres:…@db.internal/app steadytext config sync

Run it as a superuser, after ALTER SYSTEM SET steadytext.…, or every minute from cron. What steadytext_config_set and ALTER
DATABASE say comes before it. Status 1 where a value or a name is wrong: it is told, and the others are taken over.`;

export function registerConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .description('settings of the database that SQL alone cannot reach')
    .addHelpText('after', EXAMPLES);
  config
    .command('sync')
    .description('take over what ALTER SYSTEM and postgresql.conf say of our settings')
    .option('--url <address>', 'connection string; else STEADYTEXT_ADMIN_URL, else DATABASE_URL')
    .option('--schema <name>', 'schema of the functions (default: STEADYTEXT_SCHEMA or steadytext)')
    .option('--role-prefix <text>', "what goes before every role's name, as for migrate")
    .addHelpText('after', EXAMPLES)
    .action((flags: ConfigSyncFlags) => runConfigSync(context, flags));
}

async function runConfigSync(context: CommandContext, flags: ConfigSyncFlags): Promise<void> {
  const { address, names } = ownerAddress(context, flags.url);
  const { schema, rolePrefix } = flags;
  const config = readConfig(context, { databaseUrl: address, schema, rolePrefix }, ['databaseUrl'], names);
  const rows = await configSync({
    url: config.databaseUrl,
    schema: config.schema,
    rolePrefix: config.rolePrefix,
  });
  if (rows.length === 0) printText(context, 'Neither ALTER SYSTEM nor ALTER DATABASE says anything of our settings.');
  for (const { name, value, outcome, detail } of rows)
    printText(
      context,
      `${outcome.padEnd(9)} ${name}${value === null ? '' : ` = ${value}`}${detail === null ? '' : `: ${detail}`}`,
    );
  if (rows.some(({ outcome }) => outcome === 'refused' || outcome === 'unknown')) context.setExitStatus(1);
}
