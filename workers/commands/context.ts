// What every command gets from the outside world; tests give it streams of their own.

import { once } from 'node:events';
import type { Config, ConfigField, ConfigOverrides, Environment, OverrideNames } from '../config.ts';
import { CONFIG_VARIABLES, loadConfig } from '../config.ts';
import { createLogger, type Logger } from '../log.ts';
import { visibleText } from './visible-text.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface CommandContext {
  readonly env: Environment;
  readonly version: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** A command's answer; everything else goes to stderr. */
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Calls `stop` at every SIGINT, SIGTERM and SIGHUP, until the returned function is called. */
  onStop(stop: (signal: StopSignal) => void): () => void;
  /** The status the process ends with when the command returns; 0 unless set. */
  setExitStatus(status: number): void;
  /** For a command whose answer is its work: that what it prints on stdout found no room is then no failure. */
  goOnUnread(): void;
}

/** The configuration with a command's flags on top. Throws InvalidConfiguration. */
export function readConfig<K extends ConfigField = never>(
  context: CommandContext,
  flags: ConfigOverrides = {},
  required: readonly K[] = [],
  names: OverrideNames = FLAGS,
): Config & { readonly [P in K]: NonNullable<Config[P]> } {
  return loadConfig(context.env, flags, required, names);
}

/** What a wrong value is told by where it came from the command line: the variable may not even be set. */
const FLAGS: OverrideNames = {
  databaseUrl: '--url',
  listenUrl: '--listen-url',
  schema: '--schema',
  rolePrefix: '--role-prefix',
  workerName: '--name',
  engines: '--engines',
  generateSlots: '--slots',
  kvCacheMb: '--kv-cache',
  engineMemoryMb: '--engine-memory',
  embedBatch: '--embed-batch',
  textModel: '--text-model',
  embeddingModel: '--embedding-model',
  rerankingModel: '--reranking-model',
  modelFormat: '--format',
  leaseSeconds: '--lease',
  drainSeconds: '--drain',
  logLevel: '--log-level',
};

/** Where commands of the database's owner connect to: --url, else STEADYTEXT_ADMIN_URL; undefined leaves DATABASE_URL. */
export function ownerAddress(context: CommandContext, url: string | undefined) {
  const { adminUrl } = CONFIG_VARIABLES;
  return url === undefined
    ? { address: context.env[adminUrl], names: { ...FLAGS, databaseUrl: adminUrl } }
    : { address: url, names: FLAGS };
}

export function openLog(context: CommandContext, config: Config): Logger {
  return createLogger(config.logLevel, { write: (line) => context.stderr.write(line) });
}

export function print(context: CommandContext, line = ''): void {
  context.stdout.write(`${line}\n`);
}

const PRINTED_AT_ONCE = 65_536;

/**
 * Lines as they are made, no faster than the reader takes them: all together may be more than one text or the memory holds. The
 * rest is not made once they can no longer be written.
 */
export async function printLines({ stdout }: CommandContext, lines: Iterable<string>): Promise<void> {
  let text = '';
  const write = async () => {
    const room = stdout.write(text) || (await once(stdout, 'drain').catch(() => null)) !== null;
    text = '';
    return room;
  };
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length >= PRINTED_AT_ONCE && !(await write())) return;
  }
  await write();
}

/** What a person reads, which may hold texts of others, such as names or an answer shown at a terminal. */
export function printText(context: CommandContext, text: string): void {
  print(context, visibleText(text));
}

/** Progress and remarks: on stderr, so that a command's answer can be piped. */
export function remark(context: CommandContext, line = ''): void {
  context.stderr.write(`${visibleText(line)}\n`);
}
