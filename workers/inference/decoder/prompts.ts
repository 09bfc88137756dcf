// The prompts that are being read: one, and beside it much shorter ones, so that nobody waits for a long document. Their chunks
// take turns, so short ones slow the long one down and never stop it: one at a time to half, and more at once are few, since each
// has half of what every other has left at most.

import type { NextToken } from './forward.ts';
import type { Generation } from './generation.ts';
import { BLOCK, type KvCache, type SlotTokens, toBlocks } from './kv-cache.ts';
import { type Elsewhere, rowsOf } from './prefix-cache.ts';
import { PromptReader, type PromptReaderOptions, type PromptTokens } from './prompt-reader.ts';
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

  /** Tokens that the caches have room for; none before a prompt's first chunk. */
  get capacity(): number {
    return this.#readers.reduce((sum, { capacity }) => sum + capacity, 0);
  }

  /** Those that memory is taken for: only what is written takes any. */
  get takenTokens(): number {
    return this.#readers.reduce((sum, { takenTokens }) => sum + takenTokens, 0);
  }

  /**
   * Whether a prompt may be read now. Beside others it may where it has half as many chunks as each of them has left, or fewer: a
   * longer one would come to its end later in turns than afterwards, by more than it gains. And where it begins in the same way,
   * those chunks are read already, and are copied.
   */
  mayBegin({ plan, chunkKeys }: Generation): boolean {
    return this.generations.every((reading) => {
      const left = reading.plan.prompt.length - reading.length;
      const shared = chunkKeys.filter((key, chunk) => key === reading.chunkKeys[chunk]).length;
      const isRead = !this.#options.prefixes.keeps || shared * BLOCK <= reading.length;
      return isRead && 2 * toBlocks(plan.prompt.length) <= left;
    });
  }

  begin(generation: Generation): void {
    const options = { ...this.#options, elsewhere: this.#elsewhere, forms: this.#forms };
    const reader = new PromptReader(options, generation);
    this.#readers.push(reader);
    this.#turns.push(reader);
  }

  /** Whose chunk comes next. */
  get next(): Generation | undefined {
    return this.#turns[0]?.generation;
  }

  /** Reads that chunk; gives what follows the prompt, with its last. */
  async chunk(): Promise<readonly NextToken[] | undefined> {
    const reader = this.#turns.shift()!;
    this.#turns.push(reader);
    const before = reader.tokens;
    try {
      return await reader.chunk();
    } finally {
      const { read, reused } = reader.tokens;
      this.#tokens = {
        read: this.#tokens.read + read - before.read,
        reused: this.#tokens.reused + reused - before.reused,
      };
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
    return reader.place!.cache;
  }

  drop(generation: Generation): void {
    const reader = this.#readerOf(generation);
    if (!reader) return;
    this.#forget(reader);
    reader.place?.cache.release();
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
