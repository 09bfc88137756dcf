// Keys and values of the tokens already seen: two buffers a layer, slot after slot, each slot with room for `capacity`
// tokens. The graph reads them in place (onnxruntime copies no input) and gives back only the rows of new tokens, since
// outputs are copied at about 1.4 GB/s: returning the whole cache cost 38.7 ms a step against 13.5.

import { Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';

/** Capacities are multiples of this; also the size of a prefill chunk. */
export const BLOCK = 64;

export function toBlocks(tokens: number): number {
  return Math.ceil(tokens / BLOCK) * BLOCK;
}

/** What the graph gives of new tokens, a layer each: [batch, keys' heads then values', rows, headSize]. */
export type FreshRows = readonly Float32Array[];

/** A prompt that was read into a cache of its own, to be moved into the next slot of another. */
export interface ReadPrompt {
  readonly cache: KvCache;
  readonly length: number;
}

export class KvCache {
  readonly #shape: DecoderShape;
  #slots: number;
  #capacity: number;
  /** past_key_0, past_value_0, past_key_1 … */
  #buffers: Float32Array[];
  #feedCount = 0;
  #feeds: Record<string, Tensor> = {};

  /** Memory is taken from the system page by page as it is written, so slots that are never used cost nothing. */
  constructor(shape: DecoderShape, slots: number, capacity: number) {
    this.#shape = shape;
    this.#slots = slots;
    this.#capacity = capacity;
    this.#buffers = Array.from({ length: 2 * shape.layers }, () => pages(slots * this.#slotSize));
  }

  get slots(): number {
    return this.#slots;
  }

  /** Tokens that there is memory for; none after it was given back. */
  get tokens(): number {
    return this.#buffers.length === 0 ? 0 : this.#slots * this.#capacity;
  }

  /** Tokens that a slot has room for. */
  get capacity(): number {
    return this.#capacity;
  }

  get #slotSize(): number {
    return this.#shape.kvHeads * this.#capacity * this.#shape.headSize;
  }

  /** The past of slots 0 … count-1 as the graph's inputs. */
  feeds(count: number): Record<string, Tensor> {
    if (count !== this.#feedCount) {
      const { kvHeads, headSize } = this.#shape;
      const dims = [count, kvHeads, this.#capacity, headSize];
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
    const start = ((slot * kvHeads + (head % kvHeads)) * this.#capacity + first) * headSize;
    return buffer.subarray(start, start + count * headSize);
  }

  /** Copies the first `length` tokens of a slot from another cache, or from another slot of this one. */
  copySlot(slot: number, from: KvCache, fromSlot: number, length: number): void {
    for (const [i, buffer] of this.#buffers.entries()) {
      this.#copyRows(buffer, slot, from.#buffers[i]!, fromSlot, from.#capacity, length);
    }
  }

  /**
   * Gives the cache another form, keeps the first `lengths[slot]` tokens of each slot, and moves a prompt into the slot after
   * them. It goes buffer by buffer and frees each as soon as it is copied: at no time there is more than the larger of before
   * and after, and one buffer.
   */
  reshape(slots: number, capacity: number, lengths: readonly number[], prompt?: ReadPrompt): void {
    const needed = lengths.length + (prompt ? 1 : 0);
    if (slots < needed) throw new Error(`expected room for ${needed} slots of ${capacity} tokens, got ${slots}`);
    const before = this.#capacity;
    const another = slots !== this.#slots || capacity !== before;
    this.#slots = slots;
    this.#capacity = capacity;
    this.#forgetFeeds();
    for (const [i, old] of this.#buffers.entries()) {
      const buffer = another ? pages(slots * this.#slotSize) : old;
      if (another) {
        for (const [slot, length] of lengths.entries()) this.#copyRows(buffer, slot, old, slot, before, length);
        this.#buffers[i] = buffer;
        freeNow(old);
      }
      if (prompt) {
        const { cache, length } = prompt;
        this.#copyRows(buffer, lengths.length, cache.#buffers[i]!, 0, cache.#capacity, length);
        freeNow(cache.#buffers[i]!);
      }
    }
    if (prompt) prompt.cache.#forgetBuffers();
  }

  #copyRows(to: Float32Array, slot: number, from: Float32Array, fromSlot: number, fromCapacity: number, rows: number) {
    const { kvHeads, headSize } = this.#shape;
    for (let head = 0; head < kvHeads; head++) {
      const start = (fromSlot * kvHeads + head) * fromCapacity * headSize;
      to.set(from.subarray(start, start + rows * headSize), (slot * kvHeads + head) * this.#capacity * headSize);
    }
  }

  release(): void {
    for (const buffer of this.#buffers) freeNow(buffer);
    this.#forgetBuffers();
  }

  #forgetBuffers(): void {
    this.#forgetFeeds();
    this.#buffers = [];
  }

  #forgetFeeds(): void {
    this.#feeds = {};
    this.#feedCount = 0;
  }
}

/**
 * Zeros in pages of their own: memory of a buffer that could grow comes from the system directly, page by page as it is
 * written, and goes back to it. From the heap, where the runtime's activations come and go, it would do neither. Loops over
 * its numbers are slow (appending the rows of 8 slots takes 1.5–2.0 ms instead of 0.7): it is written by `set`.
 */
export function pages(count: number): Float32Array {
  const bytes = count * Float32Array.BYTES_PER_ELEMENT;
  return new Float32Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, count);
}
