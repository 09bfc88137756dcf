// The texts of one call on their way through an encoder: to token ids, then group by group to vectors. Whatever is cancelled
// meanwhile is left out of what is still to do.

import type { EmbedOutput } from '../engine.ts';
import type { EncodedText } from '../text/tokenizer.ts';
import { groupsByLength } from './groups.ts';

/** Characters that become tokens in one turn: about 10 ms. All at once, 1,000 documents of 930 bytes took 480 ms. */
const CHARACTERS_A_TURN = 16_000;

/** Of English text in a model of 30,000 words; only the order of batches hangs on it. */
const CHARACTERS_A_TOKEN = 4;

const NO_VECTOR = new Float32Array(0);

export class Batch {
  readonly #texts: readonly string[];
  /** Of each input: its index in the texts, of which equal inputs share one. */
  readonly #places: readonly number[];
  readonly #ids: readonly string[];
  readonly #groupTokens: number;
  readonly #cancelled: boolean[];
  /** Indexes of the texts that some input still waits for. */
  #wanted: Set<number>;
  readonly #encoded: EncodedText[] = [];
  #groups: number[][] | undefined;
  readonly #guess: number;
  readonly #vectors: Float32Array[] = [];
  readonly ended = Promise.withResolvers<EmbedOutput>();

  /** `groupTokens`: padded tokens of a group. */
  constructor(inputs: readonly string[], ids: readonly string[], groupTokens: number) {
    this.#texts = [...new Set(inputs)];
    const place = new Map(this.#texts.map((text, i) => [text, i]));
    this.#places = inputs.map((text) => place.get(text)!);
    this.#ids = ids;
    this.#groupTokens = groupTokens;
    this.#cancelled = inputs.map(() => false);
    this.#wanted = new Set(this.#places);
    const characters = this.#texts.reduce((sum, { length }) => sum + length, 0);
    this.#guess = Math.max(1, Math.ceil(characters / CHARACTERS_A_TOKEN / groupTokens));
  }

  /** Groups that are left to run; a guess until all texts have their tokens, 0 only when nothing is left. */
  get left(): number {
    if (this.#wanted.size === 0) return 0;
    return this.#groups?.length ?? this.#guess;
  }

  cancel(id: string): void {
    if (!this.#ids.includes(id)) return;
    for (const [i, its] of this.#ids.entries()) if (its === id) this.#cancelled[i] = true;
    this.#wanted = new Set(this.#places.filter((_, i) => !this.#cancelled[i]));
    this.#groups = this.#groups && this.#stillWanted(this.#groups);
  }

  /** Makes tokens of some texts; true when all have theirs, cut into groups. */
  encode(encode: (text: string) => EncodedText): boolean {
    if (this.#groups) return true;
    for (let characters = 0; this.#encoded.length < this.#texts.length; ) {
      if (characters >= CHARACTERS_A_TURN) return false;
      const text = this.#texts[this.#encoded.length]!;
      this.#encoded.push(encode(text));
      characters += text.length;
    }
    const lengths = this.#encoded.map(({ ids }) => ids.length);
    this.#groups = this.#stillWanted(groupsByLength(lengths, this.#groupTokens));
    return true;
  }

  /** Runs the next group, if there is one. */
  async runGroup(run: (group: readonly (readonly number[])[]) => Promise<Float32Array[]>): Promise<void> {
    const group = this.#groups?.shift();
    if (group === undefined) return;
    const vectors = await run(group.map((i) => this.#encoded[i]!.ids));
    for (const [k, i] of group.entries()) this.#vectors[i] = vectors[k]!;
  }

  /** What came of it, once nothing is left; an input that was cancelled has an empty vector and no tokens. */
  output(): EmbedOutput {
    const of = <Value>(value: (place: number) => Value, none: Value): Value[] =>
      this.#places.map((place, i) => (this.#cancelled[i] ? none : value(place)));
    return {
      vectors: of((place) => this.#vectors[place]!, NO_VECTOR),
      tokens: of((place) => this.#encoded[place]!.ids.length, 0),
      truncated: of((place) => this.#encoded[place]!.truncated, false),
      cancelled: [...this.#cancelled],
    };
  }

  #stillWanted(groups: number[][]): number[][] {
    return groups.map((group) => group.filter((i) => this.#wanted.has(i))).filter((group) => group.length > 0);
  }
}
