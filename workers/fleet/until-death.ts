// Work in an engine ends when the engine does. Not by a race with the promise of its death: a promise keeps what waits for it
// until it is settled, and this one is as old as the engine, so each call left 312 bytes behind (a worker of 20 calls a second
// grew by 540 MB a day).

export class UntilDeath {
  readonly #waiting = new Set<(reason: unknown) => void>();
  /** Rejects with the engine's death, for whoever waits for that alone. */
  readonly died: Promise<never>;
  #dead = false;

  constructor(died: Promise<never>) {
    this.died = died;
    died.catch((reason) => {
      this.#dead = true;
      for (const reject of this.#waiting) reject(reason);
    });
  }

  /** The outcome of `work`, or the engine's death where that comes first. */
  async race<Value>(...work: readonly Promise<Value>[]): Promise<Value> {
    if (this.#dead) return await Promise.race([...work, this.died]);
    const death = Promise.withResolvers<never>();
    this.#waiting.add(death.reject);
    try {
      return await Promise.race([...work, death.promise]);
    } finally {
      this.#waiting.delete(death.reject);
    }
  }
}
