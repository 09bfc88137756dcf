// A latch that the claim loop sleeps on. What happened before the wait is not lost.

export class Wakeup {
  #work = false;
  #room = false;
  #stopped = false;
  #awake: (() => void) | null = null;

  /** There may be new work: a notice, a promotion, a rescue. */
  work(): void {
    this.#work = true;
    this.#awake?.();
  }

  /** A place in an engine has become free. */
  room(): void {
    this.#room = true;
    this.#awake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#awake?.();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether `work` was called since the last time this was asked. */
  takeWork(): boolean {
    const work = this.#work;
    this.#work = false;
    return work;
  }

  /** Until something happens, or for so long. */
  async wait(ms: number): Promise<void> {
    if (!this.#stopped && !this.#work && !this.#room && ms > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#awake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#awake = null;
    }
    this.#room = false;
  }
}
