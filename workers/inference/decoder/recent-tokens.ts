// Keys and values of the newest tokens of each slot: the block of RECENT positions that is being filled. Where a token's row
// lies follows from its position in the sequence, so every sum of attention has its terms in one order, however many
// tokens a step takes. A block that is full moves to the cache.

import { Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { FreshRows, KvCache } from './kv-cache.ts';
import { pages, resize } from './pages.ts';

/** Positions of a block. The graph copies it at each step: 16 rows cost 1 % of a step of eight slots, 64 would cost 5. */
export const RECENT = 16;
/** The most tokens that a step takes of one slot. */
export const MOST_ROWS = 4;
/** Rows of a slot: what the block holds, and those where a step puts rows that nobody will look at. */
export const ROOM = RECENT + MOST_ROWS;

export class RecentTokens {
  readonly #shape: DecoderShape;
  readonly #heads: number;
  /** recent_0, recent_1 …, each [slots, heads, ROOM, headSize]: keys' heads, then values'. */
  readonly #buffers: readonly Float32Array[];
  #feedCount = 0;
  #feeds: Record<string, Tensor> = {};

  constructor(shape: DecoderShape, slots: number, most = slots) {
    this.#shape = shape;
    this.#heads = 2 * shape.kvHeads;
    const size = this.#slotSize;
    this.#buffers = Array.from({ length: shape.layers }, () => pages(slots * size, most * size));
  }

  get #slotSize(): number {
    return this.#heads * ROOM * this.#shape.headSize;
  }

  /** The blocks of slots 0 … count-1 as the graph's inputs. */
  feeds(count: number): Record<string, Tensor> {
    if (count !== this.#feedCount) {
      const dims = [count, this.#heads, ROOM, this.#shape.headSize];
      this.#feeds = {};
      for (const [layer, buffer] of this.#buffers.entries()) {
        this.#feeds[`recent_${layer}`] = new Tensor('float32', buffer.subarray(0, count * this.#slotSize), dims);
      }
      this.#feedCount = count;
    }
    return this.#feeds;
  }

  /**
   * Appends the first `count` of the `rows` new rows of the batch's element `slot` to the slot, which holds `length` tokens;
   * all are of one block. A block that becomes full goes to the cache.
   */
  append(slot: number, length: number, fresh: FreshRows, rows: number, count: number, cache: KvCache): void {
    const { headSize } = this.#shape;
    for (const [layer, source] of fresh.entries()) {
      for (let head = 0; head < this.#heads; head++) {
        const from = (slot * this.#heads + head) * rows * headSize;
        this.#rows(slot, layer, head, length % RECENT, count).set(source.subarray(from, from + count * headSize));
      }
    }
    if ((length + count) % RECENT === 0) this.#moveTo(cache, slot, length + count - RECENT);
  }

  #moveTo(cache: KvCache, slot: number, first: number): void {
    this.#eachHead((layer, head) => {
      cache.rows(slot, layer, head, first, RECENT).set(this.#rows(slot, layer, head, 0, RECENT));
    });
  }

  /** Takes the tokens of a prompt of `length` tokens that fill no whole block; `cache` holds them all. */
  take(slot: number, cache: KvCache, fromSlot: number, length: number): void {
    const count = length % RECENT;
    this.#eachHead((layer, head) => {
      this.#rows(slot, layer, head, 0, count).set(cache.rows(fromSlot, layer, head, length - count, count));
    });
  }

  /** Copies a slot of another, or of this one. */
  copySlot(slot: number, from: RecentTokens, fromSlot: number): void {
    const size = this.#slotSize;
    for (const [i, buffer] of this.#buffers.entries())
      buffer.set(from.#buffers[i]!.subarray(fromSlot * size, (fromSlot + 1) * size), slot * size);
  }

  /** Takes memory for more slots, or gives that of the last ones back. */
  resize(slots: number): void {
    for (const buffer of this.#buffers) resize(buffer, slots * this.#slotSize);
    this.#forgetFeeds();
  }

  release(): void {
    for (const buffer of this.#buffers) freeNow(buffer);
    this.#forgetFeeds();
  }

  #forgetFeeds(): void {
    this.#feeds = {};
    this.#feedCount = 0;
  }

  #eachHead(visit: (layer: number, head: number) => void): void {
    for (let layer = 0; layer < this.#buffers.length; layer++) {
      for (let head = 0; head < this.#heads; head++) visit(layer, head);
    }
  }

  #rows(slot: number, layer: number, head: number, first: number, count: number): Float32Array {
    const start = ((slot * this.#heads + head) * ROOM + first) * this.#shape.headSize;
    return this.#buffers[layer]!.subarray(start, start + count * this.#shape.headSize);
  }
}
