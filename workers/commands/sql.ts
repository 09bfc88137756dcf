// `steadytext sql`: runs one statement and prints a table. The embedded server brings no psql, and images often have none.

import { type Command, Option } from 'commander';
import pg from 'pg';
import { SteadyTextError } from '../errors.ts';
import { type CommandContext, print, readConfig, remark } from './context.ts';
import { describeError } from './describe-error.ts';
import { formatRows, type RowFormat } from './row-format.ts';

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
  if (statement === '')
    throw new SteadyTextError('InvalidOption', 'Expected a SQL statement, got an empty text.', {
      hint: 'Give it as the argument or on standard input: steadytext sql "select 1".',
    });
  const format: RowFormat = flags.json ? 'json' : flags.csv ? 'csv' : 'table';
  const client = new pg.Client({ connectionString: config.databaseUrl, application_name: 'steadytext sql' });
  client.on('notice', (notice) => remark(context, `${notice.severity ?? 'NOTICE'}: ${notice.message}`));
  await client.connect();
  const copies = hearCopies(client);
  try {
    // The extended protocol takes one statement only, so a second one is an error here and not a surprise.
    const query = { text: statement, rowMode: 'array' as const, queryMode: 'extended', types: RAW };
    const result = await client.query<unknown[]>(query as pg.QueryArrayConfig);
    if (copies()) throw copiesRefused();
    if (format === 'json') assertNamesDiffer(result.fields);
    if (result.fields.length === 0) return print(context, tag(result));
    print(context, formatRows(result.fields, result.rows, format, context.stdout));
    if (format === 'table') print(context, `(${result.rows.length} ${result.rows.length === 1 ? 'row' : 'rows'})`);
  } catch (error) {
    const described = describeError(isSecondStatement(error) ? severalStatements() : error, false, statement);
    if (described.status === 70) throw error;
    remark(context, described.text);
    context.setExitStatus(described.status);
  } finally {
    await client.end();
  }
}

/** By the server's routine: its message is in the language of the server. */
function isSecondStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42601' && error.routine === 'exec_parse_message';
}

function severalStatements(): SteadyTextError {
  return new SteadyTextError('InvalidOption', 'Expected one SQL statement, got several; none was run.', {
    hint: "Run the command once for each. Those that belong together go into one block: steadytext sql 'do $$ begin …; …; end $$'",
  });
}

/** Whether the server has sent rows of a COPY, which the driver drops; one into a file or a program sends none. */
function hearCopies(client: pg.Client): () => boolean {
  let heard = false;
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.once('copyOutResponse', () => {
    heard = true;
  });
  return () => heard;
}

function copiesRefused(): SteadyTextError {
  return new SteadyTextError('InvalidOption', 'Expected a statement whose rows can be printed, got COPY … TO STDOUT.', {
    hint: 'Give the query itself: steadytext sql --csv "select …" prints its rows as CSV with a head.',
  });
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

/** PostgreSQL's own text of a value, which the driver's types would change: dates by the time zone, NaN, bytea. */
const RAW = { getTypeParser: () => (value: string) => value };

function tag(result: pg.QueryArrayResult): string {
  return result.rowCount === null ? result.command : `${result.command} ${result.rowCount}`;
}

async function readAll(context: CommandContext): Promise<string> {
  if (context.stdin.isTTY) remark(context, 'Reading the statement from the terminal; end it with Ctrl-D.');
  let text = '';
  for await (const chunk of context.stdin) text += String(chunk);
  return text;
}
