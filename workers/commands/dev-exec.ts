// The command of `steadytext dev --exec`: run by the shell, stopped with everything it started.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../config.ts';
import { type Stop, statusOf } from './stop.ts';

/** A command that does not end when it is told to is killed after so long, or at a second signal. */
const GRACE_MS = 10_000;

/** Resolves with the command's exit status, or with the one of the signal that ended it. */
export async function runShellCommand(
  command: string,
  env: Environment,
  stop: Pick<Stop, 'wanted' | 'urgent'>,
  atTerminal: boolean,
  graceMs = GRACE_MS,
): Promise<number> {
  // At a terminal the command stays in our process group, so that it can read keys and gets Ctrl-C by itself. Elsewhere it
  // gets a group of its own, so that a signal reaches all that it started.
  const child = spawn(command, { shell: true, stdio: 'inherit', env, detached: !atTerminal });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const send = (signal: NodeJS.Signals) => {
    try {
      if (!atTerminal) process.kill(-child.pid!, signal);
      else if (signal !== 'SIGINT') child.kill(signal);
    } catch {
      // The group is empty: all that ran in it has ended.
    }
  };
  const over = new AbortController();
  let interrupted = false;
  const interrupting = stop.wanted.then(async (signal) => {
    if (over.signal.aborted) return;
    interrupted = true;
    send(signal);
    await Promise.race([sleep(graceMs, undefined, { signal: over.signal }).catch(() => {}), stop.urgent]);
    if (!over.signal.aborted) send('SIGKILL');
  });
  try {
    const [status, signal] = await ended;
    return status ?? statusOf(signal!);
  } finally {
    over.abort();
    if (interrupted) await interrupting;
    // What the command left running in its group would outlive the database.
    if (!atTerminal) send('SIGTERM');
  }
}
