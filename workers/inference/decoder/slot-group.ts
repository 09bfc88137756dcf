// Generations that share a run of the graph: slots 0 … n-1 of one cache, each as wide as the widest. There are no gaps and no
// spare slots, so what a group takes is what its slots are.

import type { DecoderShape } from '../model-folder.ts';
import type { Context } from './forward.ts';
import type { Generation } from './generation.ts';
import type { FreshRows, KvCache, SlotTokens } from './kv-cache.ts';
import { RecentTokens, ROOM } from './recent-tokens.ts';
import { StepForms } from './step-forms.ts';

export class SlotGroup {
  readonly cache: KvCache;
  readonly recent: RecentTokens;
  readonly #forms = new StepForms();
  readonly #running: Generation[] = [];

  /** Both hold as many slots as there will be, in the order in which `enter` gives them their generations. */
  constructor(cache: KvCache, recent: RecentTokens) {
    this.cache = cache;
    this.recent = recent;
  }

  /** One that has read its prompt into a cache of its own. */
  static ofPrompt(shape: DecoderShape, generation: Generation, cache: KvCache): SlotGroup {
    const recent = new RecentTokens(shape, 1, cache.most);
    recent.take(0, cache, 0, generation.length);
    const group = new SlotGroup(cache, recent);
    group.enter([generation]);
    return group;
  }

  /** Index = slot. */
  get running(): readonly Generation[] {
    return this.#running;
  }

  get width(): number {
    return this.cache.capacity;
  }

  /** The next slots are theirs. */
  enter(generations: readonly Generation[]): void {
    this.#running.push(...generations);
  }

  /** The last slot moves into the place of the one that leaves. */
  leave(generation: Generation): void {
    const slot = this.#running.indexOf(generation);
    const last = this.#running.pop()!;
    const end = this.#running.length;
    if (last !== generation) {
      this.cache.copySlot(slot, { cache: this.cache, slot: end, length: last.length });
      this.recent.copySlot(slot, this.recent, end);
      this.#running[slot] = last;
    }
    if (end === 0) {
      this.release();
      return;
    }
    this.cache.resize(end);
    this.recent.resize(end);
  }

  /** Keeps the first `count` of a slot's new rows, of `rows` that the step gave of each. */
  append(slot: number, fresh: FreshRows, rows: number, count: number): void {
    const generation = this.#running[slot]!;
    this.recent.append(slot, generation.length, fresh, rows, count, this.cache);
    generation.length += count;
  }

  /** What a step of all its slots reads. */
  get context(): Context {
    const { cache, recent } = this;
    return {
      capacity: cache.capacity,
      room: ROOM,
      forms: this.#forms,
      feeds: (count) => ({ ...cache.feeds(count), ...recent.feeds(count) }),
    };
  }

  /** Where a generation's keys and values lie. */
  tokensOf(generation: Generation): SlotTokens {
    return { cache: this.cache, slot: this.#running.indexOf(generation), length: generation.length };
  }

  release(): void {
    this.cache.release();
    this.recent.release();
    this.#forms.release();
  }
}
