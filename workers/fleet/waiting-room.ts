// Requests that were claimed and are in no engine yet, by lane, in the order of their claim.

import type { Attempt } from '../handlers/handler.ts';
import type { HeldRequest } from './held-requests.ts';
import type { Lane } from './places.ts';

export interface WaitingAttempt extends Attempt<unknown> {
  readonly held: HeldRequest;
  readonly lane: Lane;
}

export class WaitingRoom {
  readonly #lines = new Map<Lane, WaitingAttempt[]>();
  /** Those that must run with no mates. */
  readonly #alone: WaitingAttempt[] = [];
  readonly #attempts = new Map<HeldRequest, WaitingAttempt>();

  add(attempt: WaitingAttempt): void {
    this.#attempts.set(attempt.held, attempt);
    this.#lineOf(attempt).push(attempt);
  }

  /** The lanes that have somebody waiting. */
  lines(): { lane: Lane; length: number }[] {
    return [...this.#lines]
      .filter(([, line]) => line.length > 0)
      .map(([lane, line]) => ({ lane, length: line.length }));
  }

  take(lane: Lane, count: number): WaitingAttempt[] {
    const taken = this.#line(lane).splice(0, count);
    for (const { held } of taken) this.#attempts.delete(held);
    return taken;
  }

  get alone(): readonly WaitingAttempt[] {
    return this.#alone;
  }

  remove(held: HeldRequest): void {
    const attempt = this.#attempts.get(held);
    if (attempt === undefined) return;
    this.#attempts.delete(held);
    const line = this.#lineOf(attempt);
    line.splice(line.indexOf(attempt), 1);
  }

  /** How many wait in this lane, but for those that must run with no mates. */
  count(lane: Lane): number {
    return this.#lines.get(lane)?.length ?? 0;
  }

  #lineOf({ held, lane }: WaitingAttempt): WaitingAttempt[] {
    return held.request.isolated ? this.#alone : this.#line(lane);
  }

  #line(lane: Lane): WaitingAttempt[] {
    const known = this.#lines.get(lane);
    if (known !== undefined) return known;
    const line: WaitingAttempt[] = [];
    this.#lines.set(lane, line);
    return line;
  }
}
