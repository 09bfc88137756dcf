// Tries a migration's transaction again while others are in its way.
import { setTimeout as delay } from 'node:timers/promises';
import { SteadyTextError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { describeBlockers } from './blockers.ts';
import type { Client } from './connection.ts';
import { retryPauseMs } from './lock-budget.ts';
import { lockHolders } from './migrate-lock.ts';
import type { Names } from './names.ts';
import { isLockFailure } from './table-locks.ts';

export interface Patience {
  readonly patienceMs: number;
  readonly log: Logger | undefined;
}

/** `attempt` gives undefined when another migrate is running, and throws a lock failure when a table was not to be had. */
export async function withRetries<T>(
  client: Client,
  names: Names,
  { patienceMs, log }: Patience,
  attempt: (attempts: number) => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  let attempts = 0;
  let races = 0;
  const remarkDue = spaced(REMARK_EVERY_MS);
  for (;;) {
    let pause = 100;
    let reason: unknown;
    try {
      const result = await attempt(attempts + 1);
      if (result !== undefined) return result;
    } catch (error) {
      if (!isLockFailure(error) && !(isRoleRace(error) && ++races <= 5)) throw error;
      attempts++;
      reason = error;
      pause = retryPauseMs(attempts, Math.random());
    }
    if (performance.now() + pause > deadline) throw await blocked(client, names, patienceMs, reason);
    if (reason) log?.info({ attempts, pause: Math.round(pause) }, 'migrate waits for locks');
    else if (remarkDue()) log?.info({ attempts }, 'migrate waits for another migrate');
    await delay(pause);
  }
}

/** The other migrate is asked for ten times a second; that it is waited for is told at once, and then now and again. */
export const REMARK_EVERY_MS = 10_000;

/** True at the first call, and then when so much time has passed since it last was. */
export function spaced(everyMs: number, now: () => number = () => performance.now()): () => boolean {
  let last: number | undefined;
  return () => {
    if (last !== undefined && now() - last < everyMs) return false;
    last = now();
    return true;
  };
}

/** Roles belong to the server: a migrate of another database may make the same ones at the same moment. */
function isRoleRace(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    code === '42710' ||
    (code === '23505' && /pg_auth/.test(message ?? '')) ||
    (code === 'XX000' && /concurrently/.test(message ?? ''))
  );
}

async function blocked(client: Client, names: Names, patienceMs: number, reason: unknown): Promise<SteadyTextError> {
  const seconds = Math.round(patienceMs / 1000);
  if (!reason) {
    const found = await lockHolders(client, names).catch(() => []);
    const who = found.map(({ pid, login, application }) => `process ${pid} of ${login} (${application})`).join('; ');
    return new SteadyTextError(
      'MigrationBlocked',
      `Another migrate of this database should have ended within ${seconds} s, but its lock is still held${who && ` by ${who}`}`,
      {
        hint:
          'Nothing was changed. Wait for it, or end its session and try again; that login, or a member of pg_signal_backend, ' +
          `runs: ${found.map(({ pid }) => `select pg_terminate_backend(${pid});`).join(' ') || 'select pg_terminate_backend(…);'}`,
      },
    );
  }
  const holders = await describeBlockers(client, names).catch(() => '');
  return new SteadyTextError(
    'MigrationBlocked',
    `The locks for this migration should have been free within ${seconds} s, but were held${holders ? ` by ${holders}` : ''}`,
    {
      hint: 'Nothing was changed. End the long transactions, or try again when they have ended.',
      cause: reason,
    },
  );
}
