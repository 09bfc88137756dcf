// Requests that were claimed and are in no engine yet, by lane, in the order of their claim.

import type { Attempt } from '../handlers/handler.ts';
import type { HeldRequest } from './held-requests.ts';
import type { Lane } from './places.ts';

export interface WaitingAttempt extends Attempt<unknown> {
  readonly held: HeldRequest;
  readonly lane: Lane;
}

export class WaitingRoom {
  readonly #lines = new Map<string, WaitingAttempt[]>();
  /** Those that must run with no mates. */
  #alone: WaitingAttempt[] = [];

  add(attempt: WaitingAttempt): void {
    if (attempt.held.request.isolated) this.#alone.push(attempt);
    else this.#line(attempt.lane).push(attempt);
  }

  /** The lanes that have somebody waiting. */
  lines(): { lane: Lane; length: number }[] {
    return [...this.#lines.values()]
      .filter((line) => line.length > 0)
      .map((line) => ({ lane: line[0]!.lane, length: line.length }));
  }

  take(lane: Lane, count: number): WaitingAttempt[] {
    return this.#line(lane).splice(0, count);
  }

  get alone(): readonly WaitingAttempt[] {
    return this.#alone;
  }

  remove(held: HeldRequest): void {
    const others = (attempt: WaitingAttempt) => attempt.held !== held;
    this.#alone = this.#alone.filter(others);
    for (const [name, line] of this.#lines) this.#lines.set(name, line.filter(others));
  }

  /** How many wait in this lane, but for those that must run with no mates. */
  count(lane: Lane): number {
    return this.#lines.get(key(lane))?.length ?? 0;
  }

  #line(lane: Lane): WaitingAttempt[] {
    const name = key(lane);
    const line = this.#lines.get(name) ?? [];
    this.#lines.set(name, line);
    return line;
  }
}

function key({ requestType, model, large }: Lane): string {
  return `${requestType} ${model} ${large}`;
}
