// Reads one prompt, alone and in chunks at multiples of BLOCK tokens, into a cache of its own. What is known of its beginning
// (prefix-cache.ts) is copied, but for its last chunk: what follows that one is asked.

import type { DecoderShape } from '../model-folder.ts';
import { areSound, isSound, notFinite } from './finite.ts';
import type { Forward, NextToken } from './forward.ts';
import type { Generation } from './generation.ts';
import { BLOCK, type KvCache, type SlotTokens, toBlocks } from './kv-cache.ts';
import type { Elsewhere, PrefixCache } from './prefix-cache.ts';
import { promptContext } from './prompt-context.ts';
import type { StepForms } from './step-forms.ts';

export interface PromptReaderOptions {
  readonly shape: DecoderShape;
  readonly prefill: Forward;
  readonly forms: StepForms;
  readonly prefixes: PrefixCache;
  /** Where a chunk lies that is not among the prefixes. */
  readonly elsewhere: Elsewhere;
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

/** What is read: a generation's prompt, or one that is only asked what follows. */
export interface PromptToRead extends Pick<Generation, 'chunkKeys' | 'length'> {
  readonly plan: {
    readonly prompt: readonly number[];
    readonly input: { readonly model: string };
  };
}

/** Names of the chunks of a prompt that may be copied. */
export function mayBeCopied({ plan, chunkKeys }: PromptToRead): readonly string[] {
  return chunkKeys.slice(0, toBlocks(plan.prompt.length) / BLOCK - 1);
}

export class PromptReader<Read extends PromptToRead = Generation> {
  readonly generation: Read;
  readonly #options: PromptReaderOptions;
  readonly #cache: KvCache;
  readonly #reused: number;

  /** Copies what is known, before whoever else needs room makes it go. */
  constructor(options: PromptReaderOptions, generation: Read) {
    const { prefixes, elsewhere, openCache, makeRoom } = options;
    this.#options = options;
    this.generation = generation;
    this.#cache = openCache(toBlocks(generation.plan.prompt.length));
    this.#reused = prefixes.read(mayBeCopied(generation), this.#cache, elsewhere, makeRoom);
    generation.length = this.#reused;
  }

  get tokens(): PromptTokens {
    return { read: this.generation.length - this.#reused, reused: this.#reused };
  }

  /** Tokens that the cache has room for. */
  get capacity(): number {
    return this.#cache.tokens;
  }

  /** Those that memory is taken for: only what is written takes any. */
  get takenTokens(): number {
    return toBlocks(this.generation.length);
  }

  /** Where the prompt lies. */
  get place(): SlotTokens {
    return { cache: this.#cache, slot: 0, length: this.generation.length };
  }

  /** Reads the next chunk; gives what follows the prompt, with the last. */
  async chunk(): Promise<readonly NextToken[] | undefined> {
    const { shape, prefill, forms, makeRoom } = this.#options;
    const { generation } = this;
    const { prompt, input } = generation.plan;
    const cache = this.#cache;
    const tokens = prompt.slice(generation.length, generation.length + BLOCK);
    const context = promptContext(shape, cache, tokens.length, forms);
    const isLast = generation.length + tokens.length === prompt.length;
    const steps = [{ tokens, length: generation.length, recent: 0, asked: Number(isLast) }];
    // The logits of one token cost a four-hundredth of a chunk.
    const { fresh, next } = await prefill.run(context, steps, tokens.length, isLast);
    if (!isSound(shape, fresh, 0, tokens.length) || !areSound(next[0]!, true)) {
      throw notFinite(input.model, generation.length + tokens.length);
    }
    makeRoom(BLOCK);
    cache.append(0, generation.length, fresh, tokens.length);
    generation.length += tokens.length;
    return isLast ? next[0] : undefined;
  }
}
