// The inputs of one call on their way through an encoder: to token ids, then group by group to results, one for each sequence
// that an input was cut into. Whatever is cancelled meanwhile is left out of what is still to do.

import type { CutText, Cutting, Sequence } from './cut-text.ts';
import { groupsByLength } from './groups.ts';

/** Characters that become tokens in one turn: about 10 ms. All at once, 1,000 documents of 930 bytes took 480 ms. */
const CHARACTERS_A_TURN = 16_000;

/** Of English text in a model of 30,000 words; only the order of batches hangs on it. */
const CHARACTERS_A_TOKEN = 4;

export interface BatchInput {
  /** Inputs of the same key run once. */
  readonly key: string;
  readonly characters: number;
  cut(): Cutting;
}

export interface Ran<Result> extends CutText {
  /** One a sequence. */
  readonly results: readonly Result[];
}

/** Undefined: there is more to do of this group, which comes again with the next call. */
export type RunGroup<Result> = (group: readonly Sequence[]) => Promise<readonly Result[] | undefined>;

export class Batch<Result> {
  readonly #inputs: readonly BatchInput[];
  /** Of each input that came: its index in the inputs, of which those of equal keys share one. */
  readonly #places: readonly number[];
  readonly #ids: readonly string[];
  readonly #groupTokens: number;
  readonly #cancelled: boolean[];
  /** Indexes of the inputs that somebody still waits for. */
  #wanted: Set<number>;
  readonly #cuts: CutText[] = [];
  /** Of the next input, where it has begun. */
  #cutting: Cutting | undefined;
  /** All sequences, with the input that each belongs to and its number there. */
  #sequences: { readonly sequence: Sequence; readonly place: number; readonly part: number }[] = [];
  #groups: number[][] | undefined;
  /** The group that has run in part. */
  #begun: number[] | undefined;
  readonly #guess: number;
  readonly #results: Result[][] = [];
  /** What came of each input; undefined for those that were cancelled. */
  readonly ended = Promise.withResolvers<readonly (Ran<Result> | undefined)[]>();

  /** `groupTokens`: padded tokens of a group. */
  constructor(inputs: readonly BatchInput[], ids: readonly string[], groupTokens: number) {
    this.#inputs = [...new Map(inputs.map((input) => [input.key, input])).values()];
    const place = new Map(this.#inputs.map(({ key }, i) => [key, i]));
    this.#places = inputs.map(({ key }) => place.get(key)!);
    this.#ids = ids;
    this.#groupTokens = groupTokens;
    this.#cancelled = inputs.map(() => false);
    this.#wanted = new Set(this.#places);
    const characters = this.#inputs.reduce((sum, input) => sum + input.characters, 0);
    this.#guess = Math.max(1, Math.ceil(characters / CHARACTERS_A_TOKEN / groupTokens));
  }

  /** Groups that are left to run; a guess until all texts have their tokens, 0 only when nothing is left. */
  get left(): number {
    if (this.#wanted.size === 0) return 0;
    return (this.#groups?.length ?? this.#guess) + (this.#begun ? 1 : 0);
  }

  /** Whether a group has run in part, and somebody waits for it. */
  get goesOn(): boolean {
    return this.#begun !== undefined && this.#wanted.size > 0;
  }

  cancel(id: string): void {
    if (!this.#ids.includes(id)) return;
    for (const [i, its] of this.#ids.entries()) if (its === id) this.#cancelled[i] = true;
    this.#wanted = new Set(this.#places.filter((_, i) => !this.#cancelled[i]));
    this.#groups = this.#groups && this.#stillWanted(this.#groups);
  }

  /** Makes tokens of some texts; true when all have theirs, cut into groups. */
  encode(): boolean {
    if (this.#groups) return true;
    for (let characters = 0; this.#cuts.length < this.#inputs.length; ) {
      if (characters >= CHARACTERS_A_TURN) return false;
      this.#cutting ??= this.#inputs[this.#cuts.length]!.cut();
      const step = this.#cutting.next();
      if (step.done) {
        this.#cuts.push(step.value);
        this.#cutting = undefined;
      } else characters += step.value;
    }
    this.#sequences = this.#cuts.flatMap(({ sequences }, place) =>
      sequences.map((sequence, part) => ({ sequence, place, part })),
    );
    const lengths = this.#sequences.map(({ sequence }) => sequence.ids.length);
    this.#groups = this.#stillWanted(groupsByLength(lengths, this.#groupTokens));
    return true;
  }

  /** Runs the next group, if there is one, or a part of it. */
  async runGroup(run: RunGroup<Result>): Promise<void> {
    const group = this.#begun ?? this.#groups?.shift();
    if (group === undefined) return;
    const results = await run(group.map((i) => this.#sequences[i]!.sequence));
    this.#begun = results ? undefined : group;
    if (!results) return;
    for (const [k, i] of group.entries()) {
      const { place, part } = this.#sequences[i]!;
      this.#results[place] ??= [];
      this.#results[place][part] = results[k]!;
    }
  }

  /** What came of it, once nothing is left. */
  output(): (Ran<Result> | undefined)[] {
    return this.#places.map((place, i) =>
      this.#cancelled[i] ? undefined : { ...this.#cuts[place]!, results: this.#results[place] ?? [] },
    );
  }

  #stillWanted(groups: number[][]): number[][] {
    const isWanted = (i: number) => this.#wanted.has(this.#sequences[i]!.place);
    return groups.map((group) => group.filter(isWanted)).filter((group) => group.length > 0);
  }
}
