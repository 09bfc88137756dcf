// Generations that wait for a place. They come in the order of arrival, but where the first has no room yet, a shorter prompt
// behind it that has some may pass it. Whoever waits is passed MOST_PASSED times at most: from then on nobody comes before it,
// so those that run end and leave it room. One that has run and gave way is passed by nobody.

import type { Generation } from './generation.ts';

/** As many as run at once by default: all slots may be filled once over while a long prompt waits. */
export const MOST_PASSED = 8;

export class WaitingLine {
  readonly #line: Generation[] = [];
  /** How often each was passed. */
  readonly #passed = new Map<Generation, number>();

  get generations(): readonly Generation[] {
    return this.#line;
  }

  add(generation: Generation): void {
    this.#line.push(generation);
    this.#passed.set(generation, 0);
  }

  /** One that began, back in front of all others. */
  addAgain(generation: Generation): void {
    this.#line.unshift(generation);
    this.#passed.set(generation, MOST_PASSED);
  }

  remove(generation: Generation): void {
    const place = this.#line.indexOf(generation);
    if (place >= 0) this.#line.splice(place, 1);
    this.#passed.delete(generation);
  }

  /**
   * Takes the one that comes next, if there is one that may. `isPassed` tells of those before it whether that counts: not where
   * they have to wait for something else, whoever comes. Such a one keeps no longer one waiting either.
   */
  take(
    mayCome: (generation: Generation) => boolean,
    isPassed: (before: Generation) => boolean = () => true,
  ): Generation | undefined {
    let shortest = Number.POSITIVE_INFINITY;
    for (const [place, generation] of this.#line.entries()) {
      const { length } = generation.plan.prompt;
      if (length < shortest && mayCome(generation)) {
        const before = this.#line.slice(0, place).filter(isPassed);
        for (const each of before) this.#passed.set(each, this.#passed.get(each)! + 1);
        this.remove(generation);
        return generation;
      }
      if (this.#passed.get(generation)! >= MOST_PASSED) return undefined;
      if (isPassed(generation)) shortest = Math.min(shortest, length);
    }
    return undefined;
  }
}
