// Where the parser of a pattern is, and how it refuses what it finds there.

import type { SteadyTextError } from '../../../errors.ts';
import type { Fuel } from '../limits.ts';
import { unsupported } from '../refusals.ts';

export class Cursor {
  readonly characters: readonly string[];
  position = 0;
  readonly #place: string;
  readonly #fuel: Fuel;
  readonly #seen = new Set<string>();

  constructor(pattern: string, place: string, fuel: Fuel) {
    this.characters = [...pattern];
    this.#place = place;
    this.#fuel = fuel;
  }

  /** Spends steps for what costs them the first time that it stands in the pattern. */
  spendOnce(name: string, steps: number): void {
    if (!this.#seen.has(name)) this.#fuel.spend(steps, this.#place);
    this.#seen.add(name);
  }

  get next(): string | undefined {
    return this.characters[this.position];
  }

  /** Whether the text is next; if it is, it is taken. */
  take(text: string): boolean {
    const characters = [...text];
    if (characters.some((character, i) => this.characters[this.position + i] !== character)) return false;
    this.position += characters.length;
    return true;
  }

  /** Takes what the expression matches here, which begins with ^. */
  match(expression: RegExp): string | undefined {
    const found = expression.exec(this.characters.slice(this.position, this.position + 64).join(''))?.[0];
    if (found !== undefined) this.position += [...found].length;
    return found;
  }

  refuse(message: string, hint?: string): SteadyTextError {
    return unsupported(this.#place, `${message} at character ${this.position + 1} of the pattern`, hint);
  }
}
