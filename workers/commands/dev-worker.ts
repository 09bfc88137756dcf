// The worker of `steadytext dev`: a child process that runs `steadytext worker`, and how dev knows that it is ready.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import { openApiConnection } from '../queue/api/api-connection.ts';
import { readFleetStatus, type WorkerStatus } from '../queue/api/fleet-status.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when it reports itself as running, with what it reports; rejects when it ends before. */
  ready(adminUrl: string): Promise<WorkerStatus>;
  /** Resolves when it has ended, with its status or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to drain and waits; kills it when `urgent` resolves first. */
  stop(urgent: Promise<void>): Promise<void>;
}

const LOOK_EVERY_MS = 100;

export function startWorkerProcess(env: Environment): WorkerProcess {
  const command = fileURLToPath(new URL('../../bin/steadytext.mjs', import.meta.url));
  // Detached: a Ctrl-C at the terminal must not reach it beside our own SIGTERM, which would be a second one. The channel
  // closes when we are gone, by kill -9 for instance, and the worker then ends by itself.
  const child = spawn(process.execPath, [command, 'worker'], {
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = endOf(child);
  return {
    pid: child.pid ?? 0,
    ended,
    async ready(adminUrl) {
      const tooEarly = ended.then((end) => {
        throw new SteadyTextError('EngineDied', `The worker should start, but ${tellEnd(end)}.`, {
          hint: 'Its own message is above; --no-worker starts the database alone.',
        });
      });
      return await Promise.race([tooEarly, heardFrom(child.pid ?? 0, adminUrl, ended)]);
    },
    async stop(urgent) {
      child.kill('SIGTERM');
      await Promise.race([ended, urgent.then(() => child.kill('SIGKILL'))]);
      await ended;
      if (child.connected) child.disconnect();
    },
  };
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return status ?? signal!;
}

export function tellEnd(end: number | NodeJS.Signals): string {
  return typeof end === 'number' ? `ended with status ${end}` : `was ended by ${end}`;
}

/** The development database has the plain names, whatever the caller's environment says. */
async function heardFrom(pid: number, url: string, ended: Promise<unknown>): Promise<WorkerStatus> {
  const db = await openApiConnection({ url, schema: 'steadytext', name: 'steadytext dev' });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  try {
    for (;;) {
      const { workers } = await readFleetStatus(db);
      const found = workers?.find((worker) => worker.pid === pid && worker.state === 'running');
      if (found) return found;
      if (over) throw new Error('the worker ended');
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    await db.close();
  }
}
