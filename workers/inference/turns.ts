// Lets the models of an engine take turns while they have work, so that neither embeddings nor generations starve, and what
// the process is told meanwhile (a cancel, a new request) is heard after each round.

import { setImmediate as afterEvents } from 'node:timers/promises';

export interface TurnTaker {
  /** Pieces of work that are not done. */
  readonly size: number;
  /** Does one short piece of it; never rejects. */
  turn(): Promise<void>;
}

export class Turns {
  readonly #takers = new Set<TurnTaker>();
  #rounds: Promise<void> | undefined;
  #roundEnd = Promise.withResolvers<void>();
  #stopped = false;
  #taken = 0;

  /** Turns that have been taken so far. */
  get taken(): number {
    return this.#taken;
  }

  add(taker: TurnTaker): void {
    this.#takers.add(taker);
  }

  /** To be called when there is new work. */
  wake(): void {
    this.#rounds ??= this.#takeTurns().finally(() => {
      this.#rounds = undefined;
      if (this.#busy().length > 0) this.wake();
    });
  }

  /** Waits until a taker, which must get no new work, has done what it had, and lets it go. */
  async remove(taker: TurnTaker): Promise<void> {
    while (taker.size > 0 && !this.#stopped) {
      this.wake();
      await this.#roundEnd.promise;
    }
    this.#takers.delete(taker);
  }

  /** Resolves when no turn is being taken; there will be none after. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#rounds;
    this.#roundEnd.resolve();
  }

  async #takeTurns(): Promise<void> {
    for (let busy = this.#busy(); busy.length > 0; busy = this.#busy()) {
      for (const taker of busy) {
        if (this.#stopped) break;
        await taker.turn();
        this.#taken++;
      }
      await afterEvents();
      this.#roundEnd.resolve();
      this.#roundEnd = Promise.withResolvers();
    }
  }

  #busy(): TurnTaker[] {
    return this.#stopped ? [] : [...this.#takers].filter(({ size }) => size > 0);
  }
}
