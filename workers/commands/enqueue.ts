// `steadytext enqueue`: one request from the shell, as any user of the SQL functions makes it; with --wait, its result.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { SteadyTextError } from '../errors.ts';
import { type ApiConnection, openApiConnection } from '../queue/api/api-connection.ts';
import { type FinishedRequest, listenForResults } from '../queue/api/await-result.ts';
import { enqueueEmbed, enqueueRerank } from '../queue/api/enqueue.ts';
import { type CommandContext, print, printText, readConfig, remark } from './context.ts';
import { collect, enqueueInForm, type FormFlags, someText, withFormFlags } from './enqueue-generate.ts';
import { visibleJson } from './visible-text.ts';

interface CommonFlags {
  readonly url?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
  readonly model?: string;
  readonly priority?: number;
  readonly idempotencyKey?: string;
}

interface GenerateFlags extends CommonFlags, FormFlags {
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly temperature?: number;
}

interface EmbedFlags extends CommonFlags {
  readonly dimension?: number;
  readonly onLongText?: string;
}

interface RerankFlags extends CommonFlags {
  readonly document: readonly string[];
  readonly task?: string;
}

const LONGEST_WAIT_SECONDS = 300;

const EXAMPLES = {
  generate: 'steadytext enqueue generate "Name three primary colours." --wait --max-tokens 40',
  embed: 'steadytext enqueue embed "the quick brown fox"',
  rerank:
    'steadytext enqueue rerank "what do cats eat" --document "Cats eat fish." --document "Cars need fuel." --wait',
};

function examples(...lines: readonly string[]): string {
  return ['\nExamples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

export function registerEnqueue(program: Command, context: CommandContext): void {
  const enqueue = program
    .command('enqueue')
    .description('enqueue one request with DATABASE_URL and print its id, or with --wait its result')
    .addHelpText('after', examples(...Object.values(EXAMPLES)));
  withFormFlags(
    withCommonFlags(
      enqueue.command('generate').description('generate text').argument('<prompt>', 'the prompt', someText),
    ),
  )
    .option('--max-tokens <number>', 'longest answer in tokens (1 to 4096)', wholeNumber)
    .option('--seed <number>', 'seed of the sampling; without temperature it changes nothing', wholeNumber)
    .option('--temperature <number>', '0 takes the likeliest token each time', decimal)
    .option('--stop <text>', 'end the answer before this text')
    .action((prompt: string, flags: GenerateFlags) =>
      runEnqueue(context, flags, (db) =>
        enqueueInForm(db, { prompt, ...generateOptions(flags), ...shared(flags) }, flags),
      ),
    );
  withCommonFlags(enqueue.command('embed').description('embed a text').argument('<text>', 'the text', someText))
    .option('--dimension <number>', 'so many numbers, where the model declares that it can be cut', wholeNumber)
    .option('--on-long-text <how>', 'truncate, refuse or average a text that is longer than the model takes')
    .action((text: string, { dimension, onLongText, ...flags }: EmbedFlags) =>
      runEnqueue(context, flags, (db) =>
        enqueueEmbed(db, { text_input: text, dimension, on_long_text: onLongText, ...shared(flags) }),
      ),
    );
  withCommonFlags(
    enqueue.command('rerank').description('order documents by a query').argument('<query>', 'the query', someText),
  )
    .requiredOption(
      '--document <text>',
      'a document; give it once for each',
      (text: string, before?: readonly string[]) => collect(someText(text), before),
    )
    .option('--task <text>', 'what the ranking is for')
    .action((query: string, flags: RerankFlags) =>
      runEnqueue(context, flags, (db) =>
        enqueueRerank(db, { query, documents: flags.document, task: flags.task, ...shared(flags) }),
      ),
    );
}

async function runEnqueue(
  context: CommandContext,
  flags: CommonFlags,
  enqueue: (db: ApiConnection) => Promise<string>,
) {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  const db = await openApiConnection({ url: config.databaseUrl, schema: config.schema, name: 'steadytext enqueue' });
  try {
    const waitFor = flags.wait ? await listenForResults(db) : null;
    const requestId = await enqueue(db);
    if (waitFor === null) return print(context, flags.json ? JSON.stringify({ request_id: requestId }) : requestId);
    remark(context, `request ${requestId}`);
    const finished = await waitFor(requestId, flags.timeout ?? LONGEST_WAIT_SECONDS);
    if (flags.json) return print(context, visibleJson(JSON.stringify(finished, null, 2)));
    printResult(context, finished);
  } finally {
    await db.close();
  }
}

function printResult(context: CommandContext, finished: FinishedRequest): void {
  if (finished.status !== 'completed') {
    const name = finished.status === 'cancelled' ? 'RequestCancelled' : 'StatementFailed';
    throw new SteadyTextError(
      name,
      `Request ${finished.request_id} was ${finished.status}: ${finished.error ?? 'no reason given'}`,
    );
  }
  // A file or a program gets the answer as it is.
  const show = context.stdout.isTTY ? printText : print;
  show(context, finished.embedding ? JSON.stringify(finished.embedding) : (finished.result ?? ''));
  const tokens = finished.tokens_out ? `, ${finished.tokens_in} tokens in, ${finished.tokens_out} out` : '';
  remark(context, `${finished.model} ${finished.model_digest?.slice(0, 12) ?? ''}, ${finished.waited_ms} ms${tokens}`);
}

function withCommonFlags(command: Command): Command {
  return command
    .addHelpText('after', examples(EXAMPLES[command.name() as keyof typeof EXAMPLES]))
    .option('--wait', 'wait for the result (by LISTEN) and print it')
    .addOption(
      new Option(
        '--timeout <seconds>',
        `longest wait (default: ${LONGEST_WAIT_SECONDS}); exit status 75 after it, and the request goes on`,
      ).argParser(decimal),
    )
    .option('--model <name>', 'a model of steadytext_models; the default one when left out')
    .option('--priority <number>', '1 to 10, higher first among your own requests', wholeNumber)
    .option('--idempotency-key <text>', 'the same key again gives the same request')
    .option('--json', 'print JSON')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .hook('preAction', () => {
      const { wait, timeout } = command.opts<CommonFlags>();
      if (timeout !== undefined && !wait)
        command.error("error: option '--timeout <seconds>' is of use with --wait only");
    });
}

function shared(flags: CommonFlags) {
  return { model: flags.model, priority: flags.priority, idempotency_key: flags.idempotencyKey };
}

function generateOptions(flags: GenerateFlags) {
  return { max_tokens: flags.maxTokens, seed: flags.seed, temperature: flags.temperature };
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** As PostgreSQL and JSON write numbers, 1e-3 too, and not 0x10. */
function decimal(text: string): number {
  const value = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || value >= 1e9)
    throw new InvalidArgumentError('Expected a number from 0 to 999999999, such as 0.5 or 1e-3.');
  return value;
}
