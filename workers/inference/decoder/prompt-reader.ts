// Reads one prompt at a time, alone and in chunks at multiples of BLOCK tokens, into a cache of its own. What is known of its
// beginning (prefix-cache.ts) is copied, but for its last chunk: what follows that one is asked.

import type { DecoderShape } from '../model-folder.ts';
import { areSound, isSound, notFinite } from './finite.ts';
import type { Forward, NextToken } from './forward.ts';
import type { Generation } from './generation.ts';
import { BLOCK, type KvCache, toBlocks } from './kv-cache.ts';
import type { PrefixCache } from './prefix-cache.ts';
import { promptContext } from './prompt-context.ts';
import type { Slots } from './slots.ts';
import { StepForms } from './step-forms.ts';

export interface PromptReaderOptions {
  readonly shape: DecoderShape;
  readonly prefill: Forward;
  readonly slots: Slots;
  readonly prefixes: PrefixCache;
  /** Gives a cache with one slot of so many tokens. */
  readonly openCache: (tokens: number) => KvCache;
  /** To be called before the prompt's cache takes memory for so many tokens more. */
  readonly makeRoom: (more: number) => void;
}

export interface PromptTokens {
  /** Prompt tokens that were run. */
  readonly read: number;
  /** Those whose keys and values were there already. */
  readonly reused: number;
}

export class PromptReader {
  readonly #options: PromptReaderOptions;
  readonly #forms = new StepForms();
  #generation: Generation | undefined;
  #cache: KvCache | undefined;
  #tokens = { read: 0, reused: 0 };

  constructor(options: PromptReaderOptions) {
    this.#options = options;
  }

  /** Whose prompt is being read. */
  get generation(): Generation | undefined {
    return this.#generation;
  }

  get tokens(): PromptTokens {
    return this.#tokens;
  }

  /** Tokens that the cache has room for; none before its first chunk. */
  get capacity(): number {
    return this.#cache?.tokens ?? 0;
  }

  /** Those that memory is taken for: only what is written takes any. */
  get takenTokens(): number {
    return this.#cache ? toBlocks(this.#generation!.length) : 0;
  }

  begin(generation: Generation): void {
    this.#generation = generation;
  }

  /** Reads the next chunk; gives what follows the prompt, with the last. */
  async chunk(): Promise<readonly NextToken[] | undefined> {
    const { shape, prefill, makeRoom } = this.#options;
    const generation = this.#generation!;
    const { plan } = generation;
    const { prompt } = plan;
    const cache = this.#cache ?? this.#open(generation);
    const tokens = prompt.slice(generation.length, generation.length + BLOCK);
    const steps = [{ tokens, length: generation.length, recent: 0 }];
    const context = promptContext(shape, cache, tokens.length, this.#forms);
    const isLast = generation.length + tokens.length === prompt.length;
    // The logits of one token cost a four-hundredth of a chunk.
    const { fresh, next } = await prefill.run(context, steps, tokens.length, isLast);
    if (!isSound(shape, fresh, 0, tokens.length) || !areSound(next[0]!)) {
      throw notFinite(plan.input.model, generation.length + tokens.length);
    }
    makeRoom(BLOCK);
    cache.append(0, generation.length, fresh, tokens.length);
    generation.length += tokens.length;
    this.#tokens.read += tokens.length;
    return isLast ? next[0] : undefined;
  }

  #open(generation: Generation): KvCache {
    const { slots, prefixes, openCache, makeRoom } = this.#options;
    const { chunkKeys, plan } = generation;
    const capacity = toBlocks(plan.prompt.length);
    const cache = openCache(capacity);
    this.#cache = cache;
    const known = chunkKeys.slice(0, capacity / BLOCK - 1);
    generation.length = prefixes.read(known, cache, (key, chunk) => slots.rowsOf(key, chunk), makeRoom);
    this.#tokens.reused += generation.length;
    return cache;
  }

  /** Where a prompt that is being read lies. */
  placeOf(generation: Generation): { readonly cache: KvCache; readonly slot: number } | undefined {
    return generation === this.#generation && this.#cache ? { cache: this.#cache, slot: 0 } : undefined;
  }

  /** The cache of the prompt that was read goes to whoever takes it. */
  handOver(): KvCache {
    const cache = this.#cache!;
    this.#cache = undefined;
    this.#generation = undefined;
    return cache;
  }

  drop(): void {
    this.#cache?.release();
    this.#cache = undefined;
    this.#generation = undefined;
  }
}
