// A task that runs again and again until it is stopped; its failures are told and never end it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';

export interface PeriodicOptions {
  readonly name: string;
  /** Pause between the end of one run and the start of the next, spread over 75–125 % so that workers do not march. */
  readonly everyMs: number;
  readonly log: Logger;
  readonly run: () => Promise<void>;
}

/** Runs at once, then after each pause. The function returned stops it and waits for a run under way. */
export function startPeriodic({ name, everyMs, log, run }: PeriodicOptions): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = (async () => {
    let failing = false;
    while (!signal.aborted) {
      try {
        await run();
        if (failing) log.info({ task: name }, 'task works again');
        failing = false;
      } catch (error) {
        // The database may be away for minutes: say it once.
        if (!failing && !signal.aborted) log.warn({ err: error, task: name }, 'task failed');
        failing = true;
      }
      await sleep(everyMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await ended;
  };
}
