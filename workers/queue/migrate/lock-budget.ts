// How long one attempt may wait for locks. While it waits for ACCESS EXCLUSIVE behind a long reader, everybody else queues
// behind it, so all waits of an attempt together stay below the budget; then it gives way, and tries again later.

export interface LockBudget {
  /** The statement to run before the next file that may lock; its clock starts with the first. */
  settingFor(): string;
}

/** 800 ms of waiting and the rest of the attempt's own work keep what others wait below 2 s. */
export const LOCK_BUDGET_MS = 800;
const LEAST_MS = 20;

export function lockBudget(budgetMs: number = LOCK_BUDGET_MS, now: () => number = () => performance.now()): LockBudget {
  let started: number | undefined;
  return {
    settingFor: () => {
      started ??= now();
      const left = Math.max(LEAST_MS, Math.round(budgetMs - (now() - started)));
      return `set local lock_timeout = ${left};`;
    },
  };
}

/** The pause before the next attempt, longer each time: 0.3–0.6 s, 0.6–1.2 s, then up to 1.2–2.4 s. `random` is in [0, 1). */
export function retryPauseMs(attempt: number, random: number): number {
  const base = 300 * 2 ** Math.min(attempt - 1, 2);
  return base * (1 + random);
}
