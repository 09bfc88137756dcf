// The `steadytext` command: loads the command that is asked for and turns what it throws into a message and an exit status.
// The only place that ends the process. Status: 0 done, 1 it failed, 2 bad configuration or command line, 70 our own, 75 out of time.

import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { CommandLine } from './commands/command-line.ts';
import type { CommandContext, StopSignal } from './commands/context.ts';
import { describeError } from './commands/describe-error.ts';
import { environment } from './config.ts';

type Register = (program: Command, context: CommandContext) => void;

const converting = async () => (await import('./inference/convert/ensure-converted.ts')).ensureConverted;

/** In the order in which they are told of. Each is loaded when it is asked for: all of them take half a second of CPU. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  worker: async () => {
    const [{ registerWorker }, convert] = await Promise.all([import('./commands/worker.ts'), converting()]);
    return (program, context) => registerWorker(program, context, convert);
  },
  migrate: async () => (await import('./commands/migrate.ts')).registerMigrate,
  dev: async () => (await import('./commands/dev.ts')).registerDev,
  models: async () => {
    const [{ registerModels }, convert] = await Promise.all([import('./commands/models.ts'), converting()]);
    return (program, context) => registerModels(program, context, convert);
  },
  enqueue: async () => (await import('./commands/enqueue.ts')).registerEnqueue,
  sql: async () => (await import('./commands/sql.ts')).registerSql,
  status: async () => (await import('./commands/status.ts')).registerStatus,
  apply: async () => (await import('./commands/apply.ts')).registerApply,
  receipts: async () => (await import('./commands/receipts.ts')).registerReceipts,
  audit: async () => (await import('./commands/audit.ts')).registerAudit,
  setup: async () => (await import('./commands/setup-sync.ts')).registerSetup,
  config: async () => (await import('./commands/config-sync.ts')).registerConfig,
  backup: async () => (await import('./commands/backup.ts')).registerBackup,
  restore: async () => (await import('./commands/backup.ts')).registerRestore,
  bench: async () => (await import('./commands/bench.ts')).registerBench,
};

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
    const program = await createProgram(counted, args[0]);
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const described = describeError(error, context.env.STEADYTEXT_LOG_LEVEL === 'debug');
    context.stderr.write(`${described.text}\n`);
    return described.status;
  }
}

/** With the command of this name alone, or with all of them where there is none of it. */
export async function createProgram(context: CommandContext, name = ''): Promise<Command> {
  const program = new CommandLine('steadytext')
    .description('AI functions for any PostgreSQL: a queue in SQL and a fleet of workers running ONNX models.')
    .version(context.version)
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) })
    .addHelpText('after', '\nBegin with:\n  steadytext dev     a whole system on this machine, to try it')
    .showHelpAfterError('Run the command with --help for its options and examples.')
    .enablePositionalOptions()
    .exitOverride();
  const wanted = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  for (const load of wanted) (await load())(program, context);
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
