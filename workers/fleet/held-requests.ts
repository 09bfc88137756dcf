// What this worker holds a lease on, from claim to the answer of settle or release. Every part that loses a request says
// so here, and nothing is settled, renewed or released that is not here.

import type { Lease } from '../queue/lease.ts';
import type { ClaimedRequest } from '../queue/types.ts';

export interface HeldRequest {
  readonly request: ClaimedRequest;
  readonly requestId: string;
  readonly leaseToken: string;
  /** Names this attempt in an engine. */
  readonly attemptId: string;
  /** performance.now() at the claim. */
  readonly claimedAt: number;
  /** waiting: claimed, in no engine; running: in an engine, or on the way back from one that died; settling: ended, its outcome on the way to the database. */
  state: 'waiting' | 'running' | 'settling';
  /** Ends what of it runs under names of its own. */
  stop?: () => void;
}

export class HeldRequests {
  readonly #byId = new Map<string, HeldRequest>();
  #settling = 0;
  #claims = 0;
  #onChange: (() => void) | null = null;

  add(request: ClaimedRequest): HeldRequest {
    const { requestId, leaseToken } = request;
    // Counted as well: a claim that a crash of the server undid may come again with the same token.
    const attemptId = `${requestId}:${leaseToken}:${++this.#claims}`;
    const held: HeldRequest = {
      request,
      requestId,
      leaseToken,
      attemptId,
      claimedAt: performance.now(),
      state: 'waiting',
    };
    this.#byId.set(requestId, held);
    return held;
  }

  /** Whether it is still ours: the same claim, not only the same request. */
  has(held: HeldRequest): boolean {
    return this.#byId.get(held.requestId) === held;
  }

  get(requestId: string): HeldRequest | undefined {
    return this.#byId.get(requestId);
  }

  markSettling(held: HeldRequest): void {
    held.state = 'settling';
    // One whose lease has gone may have been run for others.
    if (!this.has(held)) return;
    this.#settling++;
    this.#onChange?.();
  }

  remove(held: HeldRequest): void {
    if (!this.has(held)) return;
    this.#byId.delete(held.requestId);
    if (held.state === 'settling') this.#settling--;
    this.#onChange?.();
  }

  removeLease({ requestId, leaseToken }: Lease): void {
    const held = this.#byId.get(requestId);
    if (held?.leaseToken === leaseToken) this.remove(held);
  }

  inState(state: HeldRequest['state']): HeldRequest[] {
    return this.all().filter((held) => held.state === state);
  }

  /** Resolves when none runs. */
  async noneRunning(): Promise<void> {
    while (this.inState('running').length > 0) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  all(): HeldRequest[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  get settling(): number {
    return this.#settling;
  }
}
