// `steadytext worker` as its users start it, in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment } from '../../../workers/config.ts';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';

const COMMAND = join(import.meta.dirname, '../../../bin/steadytext.mjs');

export interface WorkerCommand extends AsyncDisposable {
  readonly pid: number;
}

/** Resolves when the worker says that it is ready. `settings` are variables that it gets besides. */
export async function startWorkerCommand(
  url: string,
  engines: number,
  slots: number,
  format: NumberFormat,
  settings: Readonly<Record<string, string>> = {},
): Promise<WorkerCommand> {
  const args = ['worker', '--engines', String(engines), '--slots', String(slots), '--format', format];
  const env = {
    ...environment(),
    DATABASE_URL: url,
    STEADYTEXT_LISTEN_URL: undefined,
    STEADYTEXT_SCHEMA: undefined,
    STEADYTEXT_ROLE_PREFIX: undefined,
    STEADYTEXT_LOG_LEVEL: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, 'line'), ended.then(([status]) => `status ${status}`)]);
  if (typeof first === 'string') throw new Error(`Expected a worker that is ready, it ended with ${first}.`);
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
