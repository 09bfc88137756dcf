// `steadytext migrate`: brings a database to what this release needs, or says what that would change.

import { type Command, Option } from 'commander';
import { CONFIG_VARIABLES } from '../config.ts';
import { MAINTENANCE_QUEUES } from '../maintenance/queues.ts';
import { COMPAT_LAYERS, type CompatWish } from '../queue/migrate/compat.ts';
import { type MigrateReport, migrate, printRoles } from '../queue/migrate/migrate.ts';
import { type CommandContext, openLog, ownerAddress, print, printText, readConfig, remark } from './context.ts';

interface MigrateFlags {
  readonly url?: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
  readonly check?: boolean;
  readonly searchPath: boolean;
  readonly allowOlder?: boolean;
  readonly compat?: CompatWish;
  readonly printRoles?: boolean;
}

const EXAMPLES = `
Examples:
  STEADYTEXT_ADMIN_URL=postgres://app_owner:…@db.internal/app steadytext migrate
  steadytext migrate --check                      exit status 1 when anything would change
  steadytext migrate --role-prefix shop_          the second database of one server
  steadytext migrate --print-roles > roles.sql    for an administrator, where this login may not create roles`;

export function registerMigrate(program: Command, context: CommandContext): void {
  program
    .command('migrate')
    .description('install or update our schema, as the owner of the database (no superuser needed)')
    .option('--url <address>', 'connection string; else STEADYTEXT_ADMIN_URL, else DATABASE_URL')
    .option('--schema <name>', 'schema of the functions (default: STEADYTEXT_SCHEMA or steadytext)')
    .option('--role-prefix <text>', "goes before every role's name, for a second database of one server")
    .option('--check', 'change nothing; say what would change, with exit status 1 if anything')
    .option('--no-search-path', "leave the database's search_path alone; calls then need the schema's name")
    .option('--allow-older', 'put back the functions of this release although a newer one has migrated')
    .addOption(
      new Option(
        '--compat <extension>',
        'results, texts and views as that extension has them, until --compat none (docs/migrating-from-pg_steadytext.md)',
      ).choices([...COMPAT_LAYERS, 'none']),
    )
    .addOption(
      new Option('--print-roles', 'print the script that makes the roles, and change nothing').conflicts([
        'check',
        'allowOlder',
        'compat',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: MigrateFlags) => runMigrate(context, flags));
}

async function runMigrate(context: CommandContext, flags: MigrateFlags): Promise<void> {
  const { address, names } = ownerAddress(context, flags.url);
  const overrides = {
    databaseUrl: address,
    schema: flags.schema,
    rolePrefix: flags.rolePrefix,
  };
  // Told by the variable that is for it: DATABASE_URL is a worker's or an application's.
  const given = address ?? context.env[CONFIG_VARIABLES.databaseUrl];
  if (!given?.trim()) readConfig(context, overrides, ['adminUrl']);
  const config = readConfig(context, overrides, ['databaseUrl'], names);
  const target = { url: config.databaseUrl, schema: config.schema, rolePrefix: config.rolePrefix };
  if (flags.printRoles) return print(context, (await printRoles(target)).trimEnd());
  const report = await migrate({
    ...target,
    check: flags.check ?? false,
    searchPath: flags.searchPath,
    allowOlder: flags.allowOlder ?? false,
    ...(flags.compat && { compat: flags.compat }),
    queues: MAINTENANCE_QUEUES,
    log: openLog(context, config),
  });
  for (const line of describeReport(report)) printText(context, line);
  if (flags.compat === 'none') printText(context, 'No compatibility layer is in force.');
  for (const other of report.beside)
    remark(
      context,
      `Beside: this is a first installation, but the database has another already, with workers and rows of its own. If that one is meant, use its --role-prefix and --schema ${other === 'steadytext' ? 'steadytext (or public)' : other}.`,
    );
  for (const { what, statement } of report.notIncluded)
    remark(
      context,
      `Not granted: ${what}, whose members need them. Somebody with the right to should run:\n  ${statement}`,
    );
  for (const { what, statement } of report.notGranted)
    remark(context, `Not granted: ${what}. Somebody with the right to may run:\n  ${statement}`);
  for (const { what, statement } of report.openSchemas)
    remark(
      context,
      `Open: ${what} that are called in place of ours by whoever leaves out the schema's name. Its owner should run:\n  ${statement}`,
    );
  if (report.check && (report.changed || !isSound(report))) context.setExitStatus(1);
}

function describeReport(report: MigrateReport): string[] {
  const compat = report.compat
    ? [`${report.check && report.changed ? 'Then in' : 'In'} force: the compatibility layer ${report.compat}.`]
    : [];
  return [...describeChanges(report), ...compat, ...describeForeign(report)];
}

/** Others' objects: migrate drops none of them. */
function describeForeign({ foreign }: MigrateReport): string[] {
  const harmful = foreign.filter(({ statement }) => statement !== null);
  const harmless = foreign.filter(({ statement }) => statement === null);
  return [
    ...(harmful.length === 0
      ? []
      : [
          'Not ours, and may open rows to others or stand in the way of our functions. Whoever made them, or an administrator, should run:',
        ]),
    ...harmful.flatMap(({ what, statement }) => [`  -- ${what}`, `  ${statement}`]),
    ...(harmless.length === 0 ? [] : ['Not ours, and left alone:']),
    ...harmless.map(({ what }) => `  ${what}`),
  ];
}

/** False where somebody else has to do something. */
function isSound({ foreign, notIncluded }: MigrateReport): boolean {
  return notIncluded.length === 0 && foreign.every(({ statement }) => statement === null);
}

function describeChanges(report: MigrateReport): string[] {
  if (!report.changed) {
    return [`Nothing to do${isSound(report) ? ': the database is as this release needs it.' : ' for migrate.'}`];
  }
  const count = (items: readonly unknown[], one: string, many = `${one}s`) =>
    items.length === 0 ? [] : [`${items.length} ${items.length === 1 ? one : many}`];
  const parts = [
    ...count(report.roles, 'statement on roles', 'statements on roles'),
    ...count(report.migrations, 'migration'),
    ...count(report.files, 'function, view or policy file', 'function, view and policy files'),
    ...count(report.drift, 'repair of what was changed by hand', 'repairs of what was changed by hand'),
    ...count(report.queues, 'maintenance queue'),
    ...(report.searchPath ? ['the search path'] : []),
  ];
  const verb = report.check ? 'Would apply' : 'Applied';
  const details = report.check
    ? [...report.roles, ...report.migrations, ...report.files, ...report.drift, report.searchPath ?? '']
    : [...(report.migrations.length === 0 ? report.roles : []), ...report.migrations, ...report.drift];
  const doubts = report.orphans.map(
    (object) => `has no file, and stops migrate unless a migration above drops it: ${object}`,
  );
  return [
    `${verb}: ${parts.join(', ')}.`,
    ...[...details, ...doubts].filter((line) => line !== '').map((line) => `  ${line}`),
  ];
}
