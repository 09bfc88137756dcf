// When a provider that fails is left alone, and for how long. No clock: times are milliseconds of one that only goes forward.

/** So many failures in a row, and nothing is sent for a while. Fewer would let one bad minute of one model stop the others. */
export const OPENS_AFTER = 5;

export interface CircuitState {
  /** In a row, since the last answer. */
  readonly failures: number;
  /** Nothing is sent before. */
  readonly restUntil: number;
}

export const CLOSED: CircuitState = { failures: 0, restUntil: Number.NEGATIVE_INFINITY };

/**
 * After so many failures in a row. 1 to 4: 0, the queue's own back-off suffices. 5: 5 s; then one call is sent, and after each
 * that fails 10, 20, 40, and from the ninth on 60 s. A provider that is back is noticed a minute later at most.
 */
export function restMs(failures: number): number {
  return failures < OPENS_AFTER ? 0 : Math.min(60_000, 5000 * 2 ** (failures - OPENS_AFTER));
}

/**
 * `retryAfterMs` is what the provider asked for, null where it did not. Who says when to come again is alive: that is
 * kept to and counts as no failure. What fails during a rest was sent before it, and is no news.
 */
export function afterFailure(state: CircuitState, now: number, retryAfterMs: number | null): CircuitState {
  if (retryAfterMs !== null) return { ...state, restUntil: Math.max(state.restUntil, now + retryAfterMs) };
  if (isResting(state, now)) return state;
  const failures = state.failures + 1;
  return { failures, restUntil: Math.max(state.restUntil, now + restMs(failures)) };
}

/** An answer of whatever status shows that it is there; a rest that it asked for goes on. */
export function afterAnswer(state: CircuitState): CircuitState {
  return { ...state, failures: 0 };
}

export function isResting({ restUntil }: CircuitState, now: number): boolean {
  return now < restUntil;
}

/** Calls that may be under way: none during a rest, one after it until that has been answered, then `most`. */
export function callsAtOnce(state: CircuitState, now: number, most: number): number {
  if (isResting(state, now)) return 0;
  return state.failures >= OPENS_AFTER ? 1 : most;
}

/** Of an hour it is not known how much is a mistake; what waits for longer is asked about every ten minutes. */
const LONGEST_RETRY_AFTER_MS = 600_000;

/**
 * The header in milliseconds from now, 0 to ten minutes: "2" and "1.5" are seconds, "Fri, 27 Nov 2026 12:00:00 GMT" a time.
 * Null where there is none, or one that says nothing. `unixMs` is the time of day.
 */
export function retryAfterMs(header: string | null, unixMs: number): number | null {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? 1000 * Number(text)
    : /[a-z]/i.test(text)
      ? Date.parse(text) - unixMs
      : Number.NaN;
  return Number.isNaN(ms) ? null : Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms));
}
