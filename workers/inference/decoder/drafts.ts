// Guesses how an answer goes on: as it went on the last time when the same words stood in the prompt or in the answer. A step
// that takes guessed tokens along costs little more than one without, and keeps those that the model would have chosen
// itself, so guesses change how fast an answer comes and not a byte of it. Texts that quote their prompt gain most.

/** Tokens that must be the same before a guess, the longest context first. */
const CONTEXTS = [3, 2, 1] as const;
/** What is believed of a guess before any was tried: the share of right ones over answers of 64 to 256 tokens. */
const FIRST_BELIEF: Record<number, number> = { 3: 0.6, 2: 0.4, 1: 0.2 };
/** How much one outcome moves the belief. */
const STEP = 0.1;
/** A context of three is still an exact number. Ids from it on would share contexts, which makes guesses worse and no more. */
const RADIX = 2 ** 17;

export interface Guess {
  readonly tokens: readonly number[];
  /** How likely each token is right when those before it were. */
  readonly chance: number;
}

export const NO_GUESS: Guess = { tokens: [], chance: 0 };

export class Drafts {
  readonly #tokens: number[];
  /** For each length of context: where the text went on after it, the last time; of the first `#indexed` tokens. */
  readonly #after = new Map(CONTEXTS.map((length) => [length, new Map<number, number>()]));
  #indexed = 0;
  readonly #belief = new Map<number, number>(CONTEXTS.map((length) => [length, FIRST_BELIEF[length]!]));
  #context = 0;

  constructor(prompt: readonly number[]) {
    this.#tokens = [...prompt];
  }

  push(token: number): void {
    this.#tokens.push(token);
  }

  /** The tokens that may follow, at most so many. */
  guess(most: number): Guess {
    if (most <= 0) return NO_GUESS;
    this.#index();
    const end = this.#tokens.length;
    for (const length of CONTEXTS) {
      const key = this.#key(length, end);
      const at = key === undefined ? undefined : this.#after.get(length)!.get(key);
      if (at === undefined) continue;
      this.#context = length;
      return { tokens: this.#tokens.slice(at, at + most), chance: this.#belief.get(length)! };
    }
    return NO_GUESS;
  }

  /** Only when guesses are asked for: who draws by chance, waits or guesses nothing never pays for it. */
  #index(): void {
    for (; this.#indexed < this.#tokens.length; this.#indexed++) {
      for (const length of CONTEXTS) {
        const key = this.#key(length, this.#indexed);
        if (key !== undefined) this.#after.get(length)!.set(key, this.#indexed);
      }
    }
  }

  /** How the last guess went: so many of its tokens were tried, and so many of them right. */
  learn(tried: number, right: number): void {
    let belief = this.#belief.get(this.#context)!;
    // Those after the first wrong one were not tried in truth.
    for (let i = 0; i < Math.min(tried, right + 1); i++) belief += STEP * (Number(i < right) - belief);
    this.#belief.set(this.#context, belief);
  }

  /** So many tokens before `end` as one number. */
  #key(length: number, end: number): number | undefined {
    if (end < length) return undefined;
    let key = 0;
    for (let i = end - length; i < end; i++) key = key * RADIX + this.#tokens[i]!;
    return key;
  }
}
