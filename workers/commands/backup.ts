// `steadytext backup` and `steadytext restore`: what the database holds of ours in one file, and back.

import type { Command } from 'commander';
import { backupState } from '../queue/backup/backup-state.ts';
import { restoreState } from '../queue/backup/restore-state.ts';
import { type CommandContext, ownerAddress, printText, readConfig } from './context.ts';
import { formatRows } from './row-format.ts';

interface StateFlags {
  readonly url?: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
}

interface RestoreFlags extends StateFlags {
  readonly settings?: boolean;
  readonly keepMissingUsers?: boolean;
}

const BACKUP_EXAMPLES = `
Examples:
  STEADYTEXT_ADMIN_URL=postgres://app_owner:…@db.internal/app steadytext backup state.gz

The file holds requests with their prompts and results, the cache, settings, prompts and users: keep it as you keep the database.`;

const RESTORE_EXAMPLES = `
Examples:
  steadytext restore state.gz                       into a database that migrate has made, or beside what is there
  steadytext restore state.gz --settings            settings, weights and default models as in the backup
  steadytext restore state.gz --keep-missing-users  where roles are still to be made; then steadytext_rebind_users()

All or nothing: on an error nothing has changed.`;

export function registerBackup(program: Command, context: CommandContext): void {
  stateCommand(program, 'backup', 'write requests, cache, settings, prompts and users into a file')
    .argument('<file>', 'where to; an older one is replaced once the new one is whole')
    .addHelpText('after', BACKUP_EXAMPLES)
    .action((file: string, flags: StateFlags) => runBackup(context, file, flags));
}

export function registerRestore(program: Command, context: CommandContext): void {
  stateCommand(program, 'restore', 'bring back what a backup holds; nothing that is there goes')
    .argument('<file>', 'a file of steadytext backup, or of backup_steadytext_state()')
    .option('--settings', 'settings, weights and default models as in the backup, where others are set here too')
    .option('--keep-missing-users', 'rows of users whose roles are not there yet, for steadytext_rebind_users()')
    .addHelpText('after', RESTORE_EXAMPLES)
    .action((file: string, flags: RestoreFlags) => runRestore(context, file, flags));
}

function stateCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      '--url <address>',
      "connection string of the database's owner; else STEADYTEXT_ADMIN_URL, else DATABASE_URL",
    )
    .option('--schema <name>', 'schema of the functions (default: STEADYTEXT_SCHEMA or steadytext)')
    .option('--role-prefix <text>', "what goes before every role's name, as for migrate");
}

async function runBackup(context: CommandContext, file: string, flags: StateFlags): Promise<void> {
  const rows = await backupState({ ...target(context, flags), file, name: 'steadytext backup' });
  report(context, ['table', 'rows'], rows, (name, count) => [name, String(count)]);
}

async function runRestore(context: CommandContext, file: string, flags: RestoreFlags): Promise<void> {
  const { rows, restored } = await restoreState({
    ...{ ...target(context, flags), file, name: 'steadytext restore' },
    replacesSettings: flags.settings ?? false,
    keepsMissing: flags.keepMissingUsers ?? false,
  });
  report(context, ['table', 'in the backup', 'restored'], rows, (name, count) => [
    ...[name, String(count), String(restored[name] ?? 0)],
  ]);
}

function target(context: CommandContext, { url, schema, rolePrefix }: StateFlags) {
  const { address, names } = ownerAddress(context, url);
  const config = readConfig(context, { databaseUrl: address, schema, rolePrefix }, ['databaseUrl'], names);
  return { url: config.databaseUrl, schema: config.schema, rolePrefix: config.rolePrefix };
}

function report(
  context: CommandContext,
  names: readonly string[],
  rows: Readonly<Record<string, number>>,
  cells: (name: string, count: number) => string[],
): void {
  const columns = names.map((name) => ({ name, dataTypeID: 0 }));
  const lines = Object.entries(rows).map(([name, count]) => cells(name, count));
  printText(context, formatRows(columns, lines, 'table', context.stdout));
}
