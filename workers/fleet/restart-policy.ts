// How long a dead engine's place stays empty.

/**
 * 0, 0.5, 1, 2 … up to 30 s: the first death is replaced at once (a poisonous request must not halve the worker), an
 * engine that dies again and again does not keep a core busy with loading. `deaths` in a row, each within a minute of
 * its start; an engine that lived longer begins anew.
 */
export function restartDelay(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(30_000, 500 * 2 ** Math.min(deaths - 2, 10));
}

export const LIVED_LONG_MS = 60_000;
