// Keeps the leases: renews all in one call, and finds out which are gone.

import type { Logger } from '../log.ts';
import type { Lease } from '../queue/lease.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface LeaseKeeperOptions {
  readonly held: HeldRequests;
  readonly log: Logger;
  /** Gives the ids that are still ours. */
  readonly renew: (leases: readonly Lease[]) => Promise<ReadonlySet<string>>;
  /** Called for each request whose lease has gone: it was cancelled, or another worker has it. */
  readonly onLost: (held: HeldRequest) => void;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  async renewAll(): Promise<void> {
    await this.#renew(this.#options.held.all());
  }

  /** A control notice names a request that was cancelled; anybody can send one, so the database is asked. */
  async onControl(payload: string): Promise<void> {
    const held = /^cancel:/.test(payload) ? this.#options.held.get(payload.slice(7)) : undefined;
    if (held === undefined) return;
    await this.#renew([held]).catch((error) => this.#options.log.warn({ err: error }, 'renew after cancel failed'));
  }

  async #renew(leases: readonly HeldRequest[]): Promise<void> {
    if (leases.length === 0) return;
    const kept = await this.#options.renew(leases);
    for (const held of leases) {
      // One that is being settled may be gone because it was settled: the answer of settle decides.
      if (kept.has(held.requestId) || held.state === 'settling' || !this.#options.held.has(held)) continue;
      this.#options.log.info({ requestId: held.requestId }, 'lease lost');
      this.#options.onLost(held);
    }
  }
}
