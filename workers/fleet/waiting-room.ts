// Requests that were claimed and are in no engine yet, by type and model, in the order of their claim.

import type { Attempt } from '../handlers/handler.ts';
import type { HeldRequest } from './held-requests.ts';

export interface WaitingAttempt extends Attempt<unknown> {
  readonly held: HeldRequest;
}

export class WaitingRoom {
  readonly #lines = new Map<string, WaitingAttempt[]>();
  /** Those that must run with no mates. */
  #alone: WaitingAttempt[] = [];

  add(attempt: WaitingAttempt): void {
    const { isolated, requestType, model } = attempt.held.request;
    if (isolated) this.#alone.push(attempt);
    else this.#line(requestType, model).push(attempt);
  }

  /** The types and models that have somebody waiting. */
  lines(): { requestType: string; model: string; length: number }[] {
    return [...this.#lines.values()]
      .filter((line) => line.length > 0)
      .map((line) => ({ ...line[0]!.held.request, length: line.length }));
  }

  take(requestType: string, model: string, count: number): WaitingAttempt[] {
    return this.#line(requestType, model).splice(0, count);
  }

  get alone(): readonly WaitingAttempt[] {
    return this.#alone;
  }

  remove(held: HeldRequest): void {
    const { isolated, requestType, model } = held.request;
    const others = (attempt: WaitingAttempt) => attempt.held !== held;
    if (isolated) this.#alone = this.#alone.filter(others);
    else this.#lines.set(key(requestType, model), this.#line(requestType, model).filter(others));
  }

  /** How many wait for this type and model, but for those that must run with no mates. */
  count(requestType: string, model: string): number {
    return this.#lines.get(key(requestType, model))?.length ?? 0;
  }

  #line(requestType: string, model: string): WaitingAttempt[] {
    const name = key(requestType, model);
    const line = this.#lines.get(name) ?? [];
    this.#lines.set(name, line);
    return line;
  }
}

function key(requestType: string, model: string): string {
  return `${requestType} ${model}`;
}
