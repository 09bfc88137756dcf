// The prompts that are being read: one, and beside it such as have much less to read, so that nobody waits for a long document.
// Their chunks take turns, so short ones slow the long one down and never stop it: one at a time to half, and more at once are few,
// since each has half of what every other has left at most. What is known of a prompt's beginning is copied as it begins.

import type { NextToken } from './forward.ts';
import type { Generation } from './generation.ts';
import { BLOCK, type KvCache, type SlotTokens, toBlocks } from './kv-cache.ts';
import { type Elsewhere, rowsOf } from './prefix-cache.ts';
import { mayBeCopied, PromptReader, type PromptReaderOptions, type PromptTokens } from './prompt-reader.ts';
import { StepForms } from './step-forms.ts';

/** `elsewhere`: among those that run; `openCache` gives one beside those of the prompts that are being read. */
export type PromptsOptions = Omit<PromptReaderOptions, 'forms'>;

export class Prompts {
  readonly #options: PromptsOptions;
  readonly #forms = new StepForms();
  /** In the order in which they began. */
  readonly #readers: PromptReader[] = [];
  /** The same, by whose chunk comes next. */
  readonly #turns: PromptReader[] = [];
  #tokens: PromptTokens = { read: 0, reused: 0 };

  constructor(options: PromptsOptions) {
    this.#options = options;
  }

  /** Whose prompts are being read, in the order in which they began. */
  get generations(): readonly Generation[] {
    return this.#readers.map(({ generation }) => generation);
  }

  /** Of each, the tokens of its whole prompt. */
  get lengths(): readonly number[] {
    return this.generations.map(({ plan }) => plan.prompt.length);
  }

  /** Of all prompts so far. */
  get tokens(): PromptTokens {
    return this.#tokens;
  }

  /** Tokens that the caches have room for. */
  get capacity(): number {
    return this.#readers.reduce((sum, { capacity }) => sum + capacity, 0);
  }

  /** Those that memory is taken for: only what is written takes any. */
  get takenTokens(): number {
    return this.#readers.reduce((sum, { takenTokens }) => sum + takenTokens, 0);
  }

  /**
   * Whether a prompt may be read now. Beside others it may where half as many chunks of it are to be read as each of them has left,
   * or fewer: a longer one would come to its end later in turns than afterwards, by more than it gains. And where it begins in the
   * same way, those chunks are read already, and are copied.
   */
  mayBegin(coming: Generation): boolean {
    return this.generations.every((reading) => {
      const left = reading.plan.prompt.length - reading.length;
      const shared = coming.chunkKeys.filter((key, chunk) => key === reading.chunkKeys[chunk]).length;
      const isRead = !this.#options.prefixes.keeps || shared * BLOCK <= reading.length;
      return isRead && 2 * this.#toRead(coming) <= left;
    });
  }

  /** Tokens of a prompt's chunks that could not be copied now. */
  #toRead(coming: Generation): number {
    const known = this.#options.prefixes.known(mayBeCopied(coming), this.#elsewhere);
    return toBlocks(coming.plan.prompt.length) - known * BLOCK;
  }

  /** Copies what is known. Throws where there is no memory for it. */
  begin(generation: Generation): void {
    const options = { ...this.#options, elsewhere: this.#elsewhere, forms: this.#forms };
    const reader = new PromptReader(options, generation);
    this.#readers.push(reader);
    this.#turns.push(reader);
    this.#count(0, reader.tokens.reused);
  }

  /** Whose chunk comes next. */
  get next(): Generation | undefined {
    return this.#turns[0]?.generation;
  }

  /** Reads that chunk; gives what follows the prompt, with its last. */
  async chunk(): Promise<readonly NextToken[] | undefined> {
    const reader = this.#turns.shift()!;
    this.#turns.push(reader);
    const before = reader.tokens.read;
    try {
      return await reader.chunk();
    } finally {
      this.#count(reader.tokens.read - before, 0);
    }
  }

  /** Where a prompt that is being read lies. */
  placeOf(generation: Generation): SlotTokens | undefined {
    return this.#readerOf(generation)?.place;
  }

  /** The cache of a prompt that was read goes to whoever takes it. */
  handOver(generation: Generation): KvCache {
    const reader = this.#readerOf(generation)!;
    this.#forget(reader);
    return reader.place.cache;
  }

  drop(generation: Generation): void {
    const reader = this.#readerOf(generation);
    if (!reader) return;
    this.#forget(reader);
    reader.place.cache.release();
  }

  #count(read: number, reused: number): void {
    this.#tokens = { read: this.#tokens.read + read, reused: this.#tokens.reused + reused };
  }

  #readerOf(generation: Generation): PromptReader | undefined {
    return this.#readers.find((reader) => reader.generation === generation);
  }

  #forget(reader: PromptReader): void {
    for (const readers of [this.#readers, this.#turns]) readers.splice(readers.indexOf(reader), 1);
  }

  #elsewhere: Elsewhere = (key, chunk) => {
    const holder = this.generations.find(
      ({ chunkKeys, length }) => chunkKeys[chunk] === key && (chunk + 1) * BLOCK <= length,
    );
    const place = holder && this.placeOf(holder);
    return place ? rowsOf(place.cache, place.slot, chunk) : this.#options.elsewhere(key, chunk);
  };
}
