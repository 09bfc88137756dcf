// `steadytext sql`: runs one statement and prints a table. The embedded server brings no psql, and images often have none.

import { type Command, Option } from 'commander';
import pg from 'pg';
import { SteadyTextError } from '../errors.ts';
import { type CommandContext, print, printLines, readConfig, remark } from './context.ts';
import { describeError } from './describe-error.ts';
import { type RowFormat, rowLines } from './row-format.ts';
import { type Answer, runStatement } from './statement-session.ts';
import { listenForStop, statusOf } from './stop.ts';

interface SqlFlags {
  readonly url?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const EXAMPLES = `
Examples:
  steadytext sql "select steadytext_generate_async('Name three primary colours.')"
  steadytext sql "select * from steadytext_check_async('0b0e…')" --json
  steadytext sql --csv < report.sql > report.csv`;

export function registerSql(program: Command, context: CommandContext): void {
  program
    .command('sql')
    .description('run one SQL statement with DATABASE_URL and print its rows')
    .argument('[statement]', 'the statement; read from standard input when left out')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .addOption(
      new Option('--json', 'print rows as one JSON array; dates, long numbers and NaN are texts').conflicts('csv'),
    )
    .option('--csv', 'print rows as CSV, arrays in full')
    .addHelpText('after', EXAMPLES)
    .action((statement: string | undefined, flags: SqlFlags) => runSql(context, statement, flags));
}

async function runSql(context: CommandContext, argument: string | undefined, flags: SqlFlags): Promise<void> {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  const statement = (argument ?? (await readAll(context))).trim();
  if (statement === '') throw nothingToRun('an empty text');
  const format: RowFormat = flags.json ? 'json' : flags.csv ? 'csv' : 'table';
  const stop = listenForStop(context);
  let result: Answer | null;
  try {
    result = await runStatement(context, config.databaseUrl, statement, stop);
    if (result !== null) assertPrintable(result, format);
  } catch (error) {
    const described = describeError(inOurWords(error), false, statement);
    if (described.status === 70) throw error;
    remark(context, described.text);
    return context.setExitStatus(stop.signal === null ? described.status : statusOf(stop.signal));
  } finally {
    stop.release();
  }
  if (stop.signal !== null) context.setExitStatus(statusOf(stop.signal));
  if (result === null) return;
  // The session is over, however long the reader takes.
  if (result.fields.length === 0) return print(context, tag(result));
  await printLines(context, rowLines(result.fields, result.rows, format, context.stdout));
  if (format === 'table') print(context, `(${result.rows.length} ${result.rows.length === 1 ? 'row' : 'rows'})`);
}

function nothingToRun(got: string): SteadyTextError {
  return new SteadyTextError('InvalidOption', `Expected a SQL statement, got ${got}.`, {
    hint: 'Give it as the argument or on standard input: steadytext sql "select 1".',
  });
}

/** By the server's routines: its messages are in the language of the server. */
function inOurWords(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code, routine } = error;
  if (code === '42601' && routine === 'exec_parse_message') return severalStatements();
  if (code === '08P01' && routine === 'exec_bind_message') return parametersRefused();
  // A parameter whose type nothing tells is refused sooner.
  if (code === '42P18' && /\$\d/.test(error.message)) return parametersRefused();
  return error;
}

function parametersRefused(): SteadyTextError {
  return new SteadyTextError('InvalidOption', 'Expected a statement without parameters, got one with $1 or more.', {
    hint: 'Write the values into the statement. Where $1 came from the shell or a program, let that put its value there.',
  });
}

function severalStatements(): SteadyTextError {
  return new SteadyTextError('InvalidOption', 'Expected one SQL statement, got several; none was run.', {
    hint: "Run the command once for each. Those that belong together go into one block: steadytext sql 'do $$ begin …; …; end $$'",
  });
}

function assertPrintable(result: Answer, format: RowFormat): void {
  if (result.command === null) throw nothingToRun('only comments or semicolons');
  if (format === 'json') assertNamesDiffer(result.fields);
}

/** An object would keep the last of two columns with one name. */
function assertNamesDiffer(columns: readonly pg.FieldDef[]): void {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new SteadyTextError(
    'InvalidOption',
    `Expected columns of different names for --json, got two named ${twice}.`,
    {
      hint: 'Name them apart in the statement (… as another_name), or use --csv.',
    },
  );
}

function tag(result: pg.QueryArrayResult): string {
  return result.rowCount === null ? result.command : `${result.command} ${result.rowCount}`;
}

async function readAll(context: CommandContext): Promise<string> {
  if (context.stdin.isTTY) remark(context, 'Reading the statement from the terminal; end it with Ctrl-D.');
  let text = '';
  for await (const chunk of context.stdin) text += String(chunk);
  return text;
}
