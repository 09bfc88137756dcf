// The generations that run, each in a slot of one cache. Slots have no gaps: the batch of a step is slots 0 … n-1.

import type { DecoderShape } from '../model-folder.ts';
import type { Generation } from './generation.ts';
import { KvCache, toBlocks } from './kv-cache.ts';

export class Slots {
  readonly #shape: DecoderShape;
  readonly #count: number;
  readonly #running: Generation[] = [];
  readonly #joined: Generation[] = [];
  #cache: KvCache | undefined;

  constructor(shape: DecoderShape, count: number) {
    this.#shape = shape;
    this.#count = count;
  }

  /** Index = slot. */
  get running(): readonly Generation[] {
    return this.#running;
  }

  /** The last that joined. */
  get newest(): Generation | undefined {
    return this.#joined.at(-1);
  }

  get full(): boolean {
    return this.#running.length >= this.#count;
  }

  /** Takes the next slot, with the keys and values of slot 0 of the cache that the prompt was read into. */
  join(generation: Generation, from: KvCache): void {
    const cache = this.fit(generation.length + 1);
    cache.copySlot(this.#running.length, from, 0, generation.length);
    this.#running.push(generation);
    this.#joined.push(generation);
  }

  /** The last slot moves into the place of the one that leaves. */
  leave(generation: Generation): void {
    const slot = this.#running.indexOf(generation);
    if (slot < 0) return;
    this.#joined.splice(this.#joined.indexOf(generation), 1);
    const last = this.#running.pop()!;
    if (last === generation) return;
    this.#cache!.copySlot(slot, this.#cache!, this.#running.length, last.length);
    this.#running[slot] = last;
  }

  /**
   * The cache, with room in each slot for `tokens` and for one more token of each generation that runs; never much more
   * room, since padding is computed too.
   */
  fit(tokens = 1): KvCache {
    const capacity = toBlocks(Math.max(tokens, ...this.#running.map(({ length }) => length + 1)));
    this.#cache ??= new KvCache(this.#shape, this.#count, capacity);
    if (capacity > this.#cache.capacity || 2 * capacity <= this.#cache.capacity) {
      this.#cache.resize(
        capacity,
        this.#running.map(({ length }) => length),
      );
    }
    return this.#cache;
  }

  /** Gives the memory back; only when nothing runs. */
  release(): void {
    this.#cache?.release();
    this.#cache = undefined;
  }
}
