// A made world for a command: streams that remember what was written, and signals sent by hand.

import { PassThrough, Readable } from 'node:stream';
import { run } from '../../workers/cli.ts';
import type { CommandContext, StopSignal } from '../../workers/commands/context.ts';
import type { Environment } from '../../workers/config.ts';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World {
  readonly context: CommandContext;
  stop(signal: StopSignal): void;
  stdout(): string;
  stderr(): string;
}

export function makeWorld(env: Environment, stdin = ''): World {
  const listeners = new Set<(signal: StopSignal) => void>();
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new PassThrough().on('data', (chunk) => {
      written[name] += String(chunk);
    });
  const context: CommandContext = {
    env,
    version: '0.0.0-test',
    stdin: Readable.from([stdin]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    onStop(stop) {
      listeners.add(stop);
      return () => listeners.delete(stop);
    },
    setExitStatus() {},
    goOnUnread() {},
  };
  return {
    context,
    stop: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

/** Runs one command line to its end. */
export async function runCommand(args: readonly string[], env: Environment = {}, stdin = ''): Promise<Outcome> {
  const world = makeWorld(env, stdin);
  const status = await run(args, world.context);
  return { status, stdout: world.stdout(), stderr: world.stderr() };
}
