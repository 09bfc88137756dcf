// Calls of a provider that wait for their turn: so many are under way at once, by order of arrival.

interface Waiting {
  readonly go: () => void;
  readonly give: (reason: unknown) => void;
}

export class CallLine {
  readonly #most: () => number;
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;

  /** `most` is asked before each call is let through. */
  constructor(most: () => number) {
    this.#most = most;
  }

  /** Runs `call` when it is its turn; rejects with the signal's reason if that comes first. */
  async run<Value>(signal: AbortSignal, call: () => Promise<Value>): Promise<Value> {
    await this.#turn(signal);
    try {
      return await call();
    } finally {
      this.#underWay--;
      this.next();
    }
  }

  /** Lets through as many as may be under way now. */
  next(): void {
    for (const waiting of this.#waiting) {
      if (this.#underWay >= this.#most()) return;
      this.#waiting.delete(waiting);
      this.#underWay++;
      waiting.go();
    }
  }

  /** Those that wait do so no longer. */
  turnAway(reason: Error): void {
    for (const waiting of [...this.#waiting]) {
      this.#waiting.delete(waiting);
      waiting.give(reason);
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const turn = Promise.withResolvers<void>();
    const waiting: Waiting = { go: turn.resolve, give: turn.reject };
    const leave = () => {
      if (this.#waiting.delete(waiting)) turn.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.add(waiting);
    this.next();
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}
