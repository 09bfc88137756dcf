// The `steadytext` command: registers the commands and turns what they throw into a message and an exit status. The only
// place that ends the process. Status: 0 done, 1 it failed, 2 bad configuration or command line, 70 our own, 75 out of time.

import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { registerBench } from './commands/bench.ts';
import { CommandLine } from './commands/command-line.ts';
import type { CommandContext, StopSignal } from './commands/context.ts';
import { describeError } from './commands/describe-error.ts';
import { registerDev } from './commands/dev.ts';
import { registerEnqueue } from './commands/enqueue.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerModels } from './commands/models.ts';
import { registerReceipts } from './commands/receipts.ts';
import { registerSql } from './commands/sql.ts';
import { registerStatus } from './commands/status.ts';
import { registerWorker } from './commands/worker.ts';
import { environment } from './config.ts';
import { ensureConverted } from './inference/convert/ensure-converted.ts';

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs one command line and ends the process with its status, once all that it printed has been taken. */
export async function main(args: readonly string[]): Promise<never> {
  // What cannot be told for want of a reader or of room is lost, and nothing else: not a worker's requests, nor sql's answer.
  process.stderr.on('error', () => undefined);
  // A parent that started us with a channel is gone when it closes: then nobody is left to send a signal. The channel itself
  // keeps no command alive.
  const orphaned = () => process.kill(process.pid, 'SIGTERM');
  if (process.connected === false) orphaned();
  process.on('disconnect', orphaned);
  process.channel?.unref();
  const answer = watchAnswer();
  const status = await run(args, { ...processContext(), goOnUnread: answer.isNone });
  // A pipe takes 64 KiB at once, and process.exit() drops what waits for its reader. A signal still ends a wait for ever.
  await written(process.stdout);
  const lost = answer.lost();
  if (lost !== null) process.stderr.write(lost);
  await written(process.stderr);
  process.exit(lost !== null && status === 0 ? 70 : status);
}

/** Resolves when what was written before has been handed to the system, or has been told to be lost. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Nothing is written where nothing waits: on a full disk that would fail too.
    if (stream.writableLength > 0) stream.write('', () => resolve());
    else setImmediate(resolve);
  });
}

/**
 * What cannot be written ends no command: its work and its verdict do not depend on who reads. A reader that has seen enough
 * (`steadytext sql … | head`) is no error, a full disk is one.
 */
function watchAnswer() {
  let failure: Error | null = null;
  let awaited = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure ??= error;
  });
  return {
    isNone: () => {
      awaited = false;
    },
    lost: () =>
      failure !== null && awaited
        ? `Standard output should take the answer, but could not be written: ${failure.message}\nhint: Make room there, or send it elsewhere, and run the command again.\n`
        : null,
  };
}

/** Runs one command line in a given world and returns its status. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  let status = 0;
  const counted: CommandContext = { ...context, setExitStatus: (value) => (status = value) };
  try {
    await createProgram(counted).parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const described = describeError(error, context.env.STEADYTEXT_LOG_LEVEL === 'debug');
    context.stderr.write(`${described.text}\n`);
    return described.status;
  }
}

export function createProgram(context: CommandContext): Command {
  const program = new CommandLine('steadytext')
    .description('AI functions for any PostgreSQL: a queue in SQL and a fleet of workers running ONNX models.')
    .version(context.version)
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) })
    .addHelpText('after', '\nBegin with:\n  steadytext dev     a whole system on this machine, to try it')
    .showHelpAfterError('Run the command with --help for its options and examples.')
    .enablePositionalOptions()
    .exitOverride();
  registerWorker(program, context, ensureConverted);
  registerMigrate(program, context);
  registerDev(program, context);
  registerModels(program, context, ensureConverted);
  registerEnqueue(program, context);
  registerSql(program, context);
  registerStatus(program, context);
  registerReceipts(program, context);
  registerBench(program, context);
  for (const command of program.commands) inherit(command, program);
  return program;
}

/** Commander copies output and error settings only to commands made with `.command()`, after they were set. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
}

function processContext(): CommandContext {
  return {
    env: environment(),
    version: readVersion(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onStop(stop) {
      const listeners = STOP_SIGNALS.map((signal) => [signal, () => stop(signal)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
    setExitStatus: () => {},
    goOnUnread: () => {},
  };
}

function readVersion(): string {
  const folder = new URL('../', import.meta.url);
  return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version;
}
