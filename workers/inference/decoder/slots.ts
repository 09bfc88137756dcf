// The generations that run, each in a slot of one cache. Slots have no gaps: the batch of a step is slots 0 … n-1. Every slot
// is as wide as the longest, so what they take is their number × that: `tokensOf` counts it, and no cache is made larger than
// its budget.

import type { DecoderShape } from '../model-folder.ts';
import type { Context } from './forward.ts';
import type { Generation } from './generation.ts';
import { type FreshRows, KvCache, type ReadPrompt, toBlocks } from './kv-cache.ts';
import { type ChunkRows, rowsOf } from './prefix-cache.ts';
import { RecentTokens, ROOM } from './recent-tokens.ts';

export class Slots {
  readonly #shape: DecoderShape;
  readonly #count: number;
  readonly #budget: number;
  readonly #running: Generation[] = [];
  readonly #joined: Generation[] = [];
  readonly #makeRoom: (tokens: number) => void;
  #cache: KvCache | undefined;
  #recent: RecentTokens | undefined;
  /** Slots that were written since the cache has its form: the others take no memory yet. */
  #written = 0;

  /**
   * `budget` tokens, in whole blocks, are allocated at most, unless one generation alone needs more. `makeRoom` hears how many
   * tokens the slots are going to take before they do.
   */
  constructor(shape: DecoderShape, count: number, budget: number, makeRoom: (tokens: number) => void) {
    this.#shape = shape;
    this.#count = count;
    this.#budget = budget;
    this.#makeRoom = makeRoom;
  }

  /** Index = slot. */
  get running(): readonly Generation[] {
    return this.#running;
  }

  /** The last that joined. */
  get newest(): Generation | undefined {
    return this.#joined.at(-1);
  }

  get cachedTokens(): number {
    return this.#cache?.tokens ?? 0;
  }

  /** Of those, the ones that memory is taken for. */
  get takenTokens(): number {
    return this.#written * (this.#cache?.capacity ?? 0);
  }

  get full(): boolean {
    return this.#running.length >= this.#count;
  }

  /**
   * Tokens that the cache takes when all that run have room for `more` tokens more each and one of `joining` tokens, if any,
   * has joined them.
   */
  tokensOf(more: number, joining?: number): number {
    const lengths = [...this.#lengths(), ...(joining === undefined ? [] : [joining])];
    return lengths.length * toBlocks(Math.max(0, ...lengths) + more);
  }

  /** Takes the next slot; the cache that the prompt was read into is empty afterwards. */
  join(generation: Generation, cache: KvCache): void {
    const lengths = this.#lengths();
    const { length } = generation;
    const capacity = toBlocks(Math.max(length, ...lengths) + 1);
    this.#cache ??= new KvCache(this.#shape, this.#slotsOf(capacity, 0), capacity);
    this.#recent ??= new RecentTokens(this.#shape, this.#count);
    this.#recent.take(lengths.length, cache, 0, length);
    const fits = this.#cache.slots > lengths.length && this.#cache.capacity >= capacity;
    const form = fits ? this.#cache : { slots: this.#slotsOf(capacity, 0), capacity };
    const written = Math.max(lengths.length + 1, fits ? this.#written : 0);
    this.#makeRoom(written * form.capacity);
    this.#written = written;
    this.#reshape(form.slots, form.capacity, lengths, { cache, length });
    this.#running.push(generation);
    this.#joined.push(generation);
  }

  /** The last slot moves into the place of the one that leaves, if its memory was not given back. */
  leave(generation: Generation): void {
    const slot = this.#running.indexOf(generation);
    if (slot < 0) return;
    this.#joined.splice(this.#joined.indexOf(generation), 1);
    const last = this.#running.pop()!;
    if (last === generation) return;
    this.#cache?.copySlot(slot, this.#cache, this.#running.length, last.length);
    this.#recent?.copySlot(slot, this.#running.length);
    this.#running[slot] = last;
  }

  /** Keeps the first `count` of a slot's new rows, of `rows` that the step gave of each. */
  append(slot: number, fresh: FreshRows, rows: number, count: number): void {
    const generation = this.#running[slot]!;
    this.#recent!.append(slot, generation.length, fresh, rows, count, this.#cache!);
    generation.length += count;
  }

  /** What a step of all slots reads; `beside` as in `fit`. */
  context(beside: number): Context {
    const cache = this.fit(beside)!;
    const recent = this.#recent!;
    return {
      capacity: cache.capacity,
      room: ROOM,
      feeds: (count) => ({ ...cache.feeds(count), ...recent.feeds(count) }),
    };
  }

  /**
   * The cache, with room for one more token of each generation that runs; never much more room, since padding is computed too,
   * and never more than leaves `beside` tokens of the budget for the prompt that is being read.
   */
  fit(beside: number): KvCache | undefined {
    const lengths = this.#lengths();
    if (lengths.length === 0 || !this.#cache) {
      this.release();
      return undefined;
    }
    const cache = this.#cache;
    const capacity = toBlocks(Math.max(...lengths) + 1);
    const close = capacity <= cache.capacity && cache.capacity < 2 * capacity;
    if (close && cache.tokens + beside <= this.#budget) return cache;
    const slots = this.#slotsOf(capacity, beside);
    if (slots === cache.slots && capacity === cache.capacity) return cache;
    this.#makeRoom(lengths.length * capacity);
    this.#written = lengths.length;
    this.#reshape(slots, capacity, lengths);
    return cache;
  }

  /** Memory may run out in the middle: what is left then has no form that anybody could go on with, and goes back. */
  #reshape(slots: number, capacity: number, lengths: readonly number[], prompt?: ReadPrompt): void {
    try {
      this.#cache!.reshape(slots, capacity, lengths, prompt);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Where a running prompt has a chunk of that name. */
  rowsOf(key: string, chunk: number): ChunkRows | undefined {
    const slot = this.#running.findIndex(({ chunkKeys }) => chunkKeys[chunk] === key);
    return slot < 0 || !this.#cache ? undefined : rowsOf(this.#cache, slot, chunk);
  }

  /** Where a generation's keys and values lie before it leaves; undefined where it has none. */
  placeOf(generation: Generation): { readonly cache: KvCache; readonly slot: number } | undefined {
    const slot = this.#running.indexOf(generation);
    return slot < 0 || !this.#cache ? undefined : { cache: this.#cache, slot };
  }

  /** As many slots as the budget has room for; memory is taken only by those that are written. */
  #slotsOf(capacity: number, beside: number): number {
    const room = Math.floor((this.#budget - beside) / capacity);
    return Math.max(1, this.#running.length, Math.min(this.#count, room));
  }

  #lengths(): number[] {
    return this.#running.map(({ length }) => length);
  }

  /** Gives the memory back; whoever still runs cannot go on. */
  release(): void {
    this.#cache?.release();
    this.#cache = undefined;
    this.#written = 0;
    this.#recent?.release();
    this.#recent = undefined;
  }
}
