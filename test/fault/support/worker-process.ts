// Starts worker processes for a test, reads what they log, and ends what is left of them when the test ends.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { WorkerStats } from '../../../workers/fleet/worker-stats.ts';
import { compileCache } from '../../../workers/inference/process/compile-cache.ts';

export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface WorkerProcess {
  readonly id: string;
  readonly pid: number;
  readonly log: readonly LogLine[];
  signal(signal: NodeJS.Signals): void;
  stats(): Promise<{ stats: WorkerStats; residentBytes: number }>;
  /** Exit status, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

export async function startWorkerProcess(
  databaseUrl: string,
  env: Record<string, string> = {},
): Promise<WorkerProcess> {
  const child = fork(join(import.meta.dirname, 'worker-main.ts'), {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: {
      ...compileCache(),
      DATABASE_URL: databaseUrl,
      STEADYTEXT_ENGINES: '1',
      STEADYTEXT_LEASE_SECONDS: '3',
      STEADYTEXT_DRAIN_SECONDS: '5',
      ...env,
    },
  });
  const log: LogLine[] = [];
  let rest = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line });
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const message = <T>(kind: string) =>
    new Promise<T>((resolve, reject) => {
      const listen = (received: { kind: string }) => {
        if (received.kind !== kind) return;
        child.off('message', listen);
        resolve(received as T);
      };
      child.on('message', listen);
      exited.then((status) =>
        reject(new Error(`the worker ended with ${status}:\n${log.map(({ msg }) => msg).join('\n')}`)),
      );
    });
  const { id } = await message<{ id: string }>('ready');
  return {
    id,
    pid: child.pid!,
    log,
    exited,
    signal: (signal) => void child.kill(signal),
    stats() {
      const answer = message<{ stats: WorkerStats; residentBytes: number }>('stats');
      child.send('stats');
      return answer;
    },
  };
}
