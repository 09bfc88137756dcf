// A regular expression as a nondeterministic automaton over characters (Thompson's construction).

import { ANY, type CodePoints } from '../code-points.ts';
import { LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import type { Regex } from './syntax.ts';

/** Ways on that take no character: always, only at the very beginning, only at the very end. */
export type Condition = 'always' | 'start' | 'end';

export interface NfaState {
  /** One way that takes a character of the set. */
  set: CodePoints | undefined;
  to: number;
  readonly free: { readonly on: Condition; readonly to: number }[];
}

export interface Nfa {
  readonly states: readonly NfaState[];
  readonly start: number;
  readonly end: number;
  /** In it anything may follow, so nothing else counts any more. */
  readonly everything: number | undefined;
}

/** Whole: the pattern is the whole text. Otherwise it may be found anywhere in it, as JSON Schema's pattern. */
export function nfaOf(regex: Regex, whole: boolean, place: string): Nfa {
  const builder = new Builder(place);
  const start = builder.state();
  if (whole) return { states: builder.states, start, end: builder.add(regex, start), everything: undefined };
  builder.takes(start, ANY, start);
  // The loop keeps the beginning: ^ holds there only before the first character.
  const begin = builder.state();
  builder.free(start, begin);
  const found = builder.add(regex, begin);
  const everything = builder.state();
  builder.free(found, everything);
  builder.takes(everything, ANY, everything);
  return { states: builder.states, start, end: everything, everything };
}

class Builder {
  readonly states: NfaState[] = [];
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
  }

  state(): number {
    if (this.states.length >= LIMITS.patternStates)
      throw tooLarge(this.#place, `a pattern of more than ${LIMITS.patternStates} parts, counts written out`);
    return this.states.push({ set: undefined, to: -1, free: [] }) - 1;
  }

  takes(from: number, set: CodePoints, to: number): void {
    Object.assign(this.states[from]!, { set, to });
  }

  free(from: number, to: number, on: Condition = 'always'): void {
    this.states[from]!.free.push({ on, to });
  }

  /** Adds the ways that the expression takes from a state, gives the state in which they end. */
  add(regex: Regex, from: number): number {
    switch (regex.kind) {
      case 'sequence':
        return regex.parts.reduce((at, part) => this.add(part, at), from);
      case 'either': {
        const end = this.state();
        for (const option of regex.options) this.free(this.add(option, this.#after(from)), end);
        return end;
      }
      case 'repeat':
        return this.#repeat(regex.of, regex.min, regex.max, from);
      case 'set': {
        const [begin, end] = [this.#after(from), this.state()];
        this.takes(begin, regex.set, end);
        return end;
      }
      default: {
        const end = this.state();
        this.free(from, end, regex.kind);
        return end;
      }
    }
  }

  #after(from: number): number {
    const next = this.state();
    this.free(from, next);
    return next;
  }

  #repeat(of: Regex, min: number, max: number, from: number): number {
    let at = from;
    for (let i = 0; i < min; i++) {
      const next = this.add(of, at);
      if (next === at) break; // nothing, however often
      at = next;
    }
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#after(at);
      this.free(this.add(of, loop), loop);
      return this.#after(loop);
    }
    const end = this.state();
    for (let i = min; i < max; i++) {
      this.free(at, end);
      at = this.add(of, this.#after(at));
    }
    this.free(at, end);
    return end;
  }
}
