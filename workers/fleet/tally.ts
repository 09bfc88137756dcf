// What each place of the worker has run since its start: requests, those that it failed, and how long they took there.

import type { Ending } from '../handlers/handler.ts';
import type { HeldRequest } from './held-requests.ts';
import type { Seat } from './seat.ts';

export interface SeatFigures {
  readonly requests: number;
  readonly errors: number;
  /** From when a request was given to the engine until it ended; null before the first. */
  readonly meanMs: number | null;
  /** Since one ended; null before the first. */
  readonly idleMs: number | null;
}

interface Counts {
  requests: number;
  errors: number;
  ms: number;
  lastEnd: number;
}

/** Not what is wrong with the request itself: that fails anywhere. */
const ITS_OWN = /^(RunFailed|NotFinite|ProviderRefused)\b/;

export class Tally {
  readonly #counts = new Map<Seat, Counts>();
  readonly #running = new Map<HeldRequest, { readonly seat: Seat; readonly since: number }>();

  begin(held: HeldRequest, seat: Seat): void {
    this.#running.set(held, { seat, since: performance.now() });
  }

  end(held: HeldRequest, { outcome, error = '' }: Ending): void {
    const running = this.#running.get(held);
    if (running === undefined) return;
    this.#running.delete(held);
    const { seat, since } = running;
    const counts = this.#counts.get(seat) ?? { requests: 0, errors: 0, ms: 0, lastEnd: 0 };
    this.#counts.set(seat, counts);
    counts.requests++;
    if (outcome === 'retry' || (outcome === 'failed' && ITS_OWN.test(error))) counts.errors++;
    counts.lastEnd = performance.now();
    counts.ms += counts.lastEnd - since;
  }

  /** What has not ended was lost or handed back: nobody waits for it here. */
  drop(some: readonly HeldRequest[]): void {
    for (const held of some) this.#running.delete(held);
  }

  of(seat: Seat): SeatFigures {
    const counts = this.#counts.get(seat);
    if (counts === undefined) return { requests: 0, errors: 0, meanMs: null, idleMs: null };
    const { requests, errors, ms, lastEnd } = counts;
    return { requests, errors, meanMs: ms / requests, idleMs: Math.round(performance.now() - lastEnd) };
  }
}
