// Runs the command as people do: as a process, with its output collected.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../house/source-tree.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Status, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Waits until what was printed matches. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
}

export function startSteadytext(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  return startProcess(process.execPath, [join(ROOT, 'bin', 'steadytext.mjs'), ...args], env);
}

export function startProcess(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      written[name] += String(chunk);
    });
  // close, and not exit: only then has everything been read that was printed.
  const ended = once(child, 'close').then(([status, signal]) => (status ?? signal) as number | string);
  return {
    pid: child.pid!,
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    async printed(pattern, timeoutMs = 60_000) {
      const both = () => `${written.stdout}\n${written.stderr}`;
      const look = () => {
        const match = both().match(pattern);
        if (!match && (child.exitCode !== null || child.signalCode !== null))
          throw new Error(`ended without printing ${pattern}:\n${both()}`);
        return match;
      };
      return await waitFor(look, `${pattern} to be printed`, timeoutMs);
    },
  };
}

export async function runSteadytext(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const running = startSteadytext(args, env);
  const status = await running.ended;
  return { status, stdout: running.stdout(), stderr: running.stderr() };
}
