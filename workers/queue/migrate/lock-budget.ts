// How long one attempt may wait for locks. While it waits for ACCESS EXCLUSIVE behind a long reader, everybody else queues
// behind it, so all waits of an attempt together stay within the budget; then it gives way, and tries again later.

export interface LockBudget {
  /** Milliseconds left to wait; its clock starts when first asked. */
  remaining(): number;
}

/**
 * Above PostgreSQL's deadlock_timeout of 1 s, at which a waiting lock request ends an autovacuum that is in its way; far
 * enough below 2 s that nobody waits longer, with the 0.1–0.4 s that applying what needs the locks takes.
 */
export const LOCK_BUDGET_MS = 1200;

export function lockBudget(budgetMs: number = LOCK_BUDGET_MS, now: () => number = () => performance.now()): LockBudget {
  let started: number | undefined;
  return {
    remaining: () => {
      started ??= now();
      return Math.max(0, Math.round(budgetMs - (now() - started)));
    },
  };
}

/**
 * The pause before the next attempt, longer each time: 0.3–0.6 s, 0.6–1.2 s and so on, up to 9.6–19.2 s. While an attempt waits
 * so does everybody else, up to 1.2 s: behind a reader of many minutes that is a thirteenth of the time; with pauses
 * of 1.2–2.4 s it is two fifths. `random` is in [0, 1).
 */
export function retryPauseMs(attempt: number, random: number): number {
  const base = 300 * 2 ** Math.min(attempt - 1, 5);
  return base * (1 + random);
}
