// Keys and values of the tokens already seen: two buffers a layer, slot after slot, each slot with room for `capacity`
// tokens. The graph reads them in place (onnxruntime copies no input) and gives back only the rows of new tokens, since
// outputs are copied at about 1.4 GB/s: returning the whole cache cost 38.7 ms a step against 13.5.

import { Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import { tokenBytes } from '../token-bytes.ts';
import { pages, resize } from './pages.ts';

/** Capacities are multiples of this; also the size of a prefill chunk. */
export const BLOCK = 64;

export function toBlocks(tokens: number): number {
  return Math.ceil(tokens / BLOCK) * BLOCK;
}

/** Tokens that so many bytes hold: whole blocks, and one at least. */
export function cacheTokensOf(shape: DecoderShape, bytes: number): number {
  return Math.max(1, Math.floor(bytes / tokenBytes(shape) / BLOCK)) * BLOCK;
}

/** What the graph gives of new tokens, a layer each: [batch, keys' heads then values', rows, headSize]. */
export type FreshRows = readonly Float32Array[];

/** The first tokens of a slot, which go elsewhere. */
export interface SlotTokens {
  readonly cache: KvCache;
  readonly slot: number;
  readonly length: number;
}

/** What comes into the slots after those that a cache has. */
export interface Filling {
  readonly cache: KvCache;
  readonly from: readonly SlotTokens[];
}

export class KvCache {
  readonly #shape: DecoderShape;
  /** Tokens that a slot has room for. */
  readonly capacity: number;
  /** As many slots as it may come to have. */
  readonly most: number;
  #slots: number;
  /** past_key_0, past_value_0, past_key_1 … */
  #buffers: Float32Array[];
  #feedCount = 0;
  #feeds: Record<string, Tensor> = {};

  constructor(shape: DecoderShape, slots: number, capacity: number, most = slots) {
    this.#shape = shape;
    this.#slots = slots;
    this.capacity = capacity;
    this.most = most;
    const size = this.#slotSize;
    this.#buffers = Array.from({ length: 2 * shape.layers }, () => pages(slots * size, most * size));
  }

  /** Tokens that there is memory for; none after it was given back. */
  get tokens(): number {
    return this.#buffers.length === 0 ? 0 : this.#slots * this.capacity;
  }

  get #slotSize(): number {
    return this.#shape.kvHeads * this.capacity * this.#shape.headSize;
  }

  /** The past of slots 0 … count-1 as the graph's inputs. */
  feeds(count: number): Record<string, Tensor> {
    if (count !== this.#feedCount) {
      const { kvHeads, headSize } = this.#shape;
      const dims = [count, kvHeads, this.capacity, headSize];
      this.#feeds = {};
      for (const [i, buffer] of this.#buffers.entries()) {
        const name = i % 2 === 0 ? `past_key_${i >> 1}` : `past_value_${i >> 1}`;
        this.#feeds[name] = new Tensor('float32', buffer.subarray(0, count * this.#slotSize), dims);
      }
      this.#feedCount = count;
    }
    return this.#feeds;
  }

  /** Appends the `rows` new rows of the batch's element `slot` to the slot, which holds `length` tokens. */
  append(slot: number, length: number, fresh: FreshRows, rows: number): void {
    const heads = 2 * this.#shape.kvHeads;
    for (const [layer, source] of fresh.entries()) {
      for (let head = 0; head < heads; head++) {
        const from = (slot * heads + head) * rows * this.#shape.headSize;
        this.rows(slot, layer, head, length, rows).set(source.subarray(from, from + rows * this.#shape.headSize));
      }
    }
  }

  /** A view of `count` tokens of a slot, from the token `first` on; `head` counts the keys' heads, then the values'. */
  rows(slot: number, layer: number, head: number, first: number, count: number): Float32Array {
    const { kvHeads, headSize } = this.#shape;
    const buffer = this.#buffers[2 * layer + Math.floor(head / kvHeads)]!;
    const start = ((slot * kvHeads + (head % kvHeads)) * this.capacity + first) * headSize;
    return buffer.subarray(start, start + count * headSize);
  }

  /** Copies the first tokens of another slot. */
  copySlot(slot: number, from: SlotTokens): void {
    for (const i of this.#buffers.keys()) this.#copyRows(i, slot, from);
  }

  /** Takes memory for more slots, or gives that of the last ones back. */
  resize(slots: number): void {
    for (const buffer of this.#buffers) resize(buffer, slots * this.#slotSize);
    this.#slots = slots;
    this.#forgetFeeds();
  }

  /**
   * Moves slots among caches, into slots after those that each has; what is in `emptied` goes. It goes buffer by buffer: at no
   * time there is more than the larger of before and after, and one buffer of each.
   */
  static move(fillings: readonly Filling[], emptied: readonly KvCache[]): void {
    const [first] = fillings;
    if (!first) return;
    for (const i of first.cache.#buffers.keys()) {
      for (const { cache, from } of fillings) {
        resize(cache.#buffers[i]!, (cache.#slots + from.length) * cache.#slotSize);
        for (const [k, tokens] of from.entries()) cache.#copyRows(i, cache.#slots + k, tokens);
      }
      for (const cache of emptied) freeNow(cache.#buffers[i]!);
    }
    for (const { cache, from } of fillings) {
      cache.#slots += from.length;
      cache.#forgetFeeds();
    }
    for (const cache of emptied) cache.release();
  }

  #copyRows(i: number, slot: number, { cache, slot: fromSlot, length }: SlotTokens): void {
    const { kvHeads, headSize } = this.#shape;
    const [to, from] = [this.#buffers[i]!, cache.#buffers[i]!];
    for (let head = 0; head < kvHeads; head++) {
      const start = (fromSlot * kvHeads + head) * cache.capacity * headSize;
      to.set(from.subarray(start, start + length * headSize), (slot * kvHeads + head) * this.capacity * headSize);
    }
  }

  release(): void {
    for (const buffer of this.#buffers) freeNow(buffer);
    this.#forgetFeeds();
    this.#buffers = [];
  }

  #forgetFeeds(): void {
    this.#feeds = {};
    this.#feedCount = 0;
  }
}
