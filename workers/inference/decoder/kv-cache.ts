// Keys and values of the tokens already seen: one buffer a layer, slot after slot, each slot with room for `capacity`
// tokens. The graph reads them in place (onnxruntime copies no input) and gives back only the rows of new tokens, since
// outputs are copied at about 1.4 GB/s: returning the whole cache cost 38.7 ms a step against 13.5.

import { Tensor } from 'onnxruntime-node';
import type { DecoderShape } from '../model-folder.ts';

/** Capacities are multiples of this; also the size of a prefill chunk. */
export const BLOCK = 64;

export function toBlocks(tokens: number): number {
  return Math.ceil(tokens / BLOCK) * BLOCK;
}

export class KvCache {
  readonly #shape: DecoderShape;
  readonly #slots: number;
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
    this.#buffers = Array.from({ length: 2 * shape.layers }, () => new Float32Array(slots * this.#slotSize));
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

  /**
   * Appends the `rows` new rows of the batch's element `slot` to the slot, which holds `length` tokens. `fresh` is k_0, v_0,
   * k_1 …, each [batch, kvHeads, rows, headSize].
   */
  append(slot: number, length: number, fresh: readonly Float32Array[], rows: number): void {
    const { kvHeads, headSize } = this.#shape;
    for (let i = 0; i < this.#buffers.length; i++) {
      const buffer = this.#buffers[i]!;
      const source = fresh[i]!;
      for (let head = 0; head < kvHeads; head++) {
        let from = (slot * kvHeads + head) * rows * headSize;
        let to = ((slot * kvHeads + head) * this.#capacity + length) * headSize;
        // A plain loop: a typed array's set() costs more than copying one row of 64 numbers.
        for (const end = from + rows * headSize; from < end; ) buffer[to++] = source[from++]!;
      }
    }
  }

  /** Copies the first `length` tokens of a slot from another cache, or from another slot of this one. */
  copySlot(slot: number, from: KvCache, fromSlot: number, length: number): void {
    const { kvHeads, headSize } = this.#shape;
    for (const [i, buffer] of this.#buffers.entries()) {
      for (let head = 0; head < kvHeads; head++) {
        const start = (fromSlot * kvHeads + head) * from.#capacity * headSize;
        const rows = from.#buffers[i]!.subarray(start, start + length * headSize);
        buffer.set(rows, (slot * kvHeads + head) * this.#capacity * headSize);
      }
    }
  }

  /** Gives every slot another capacity, and keeps the first `lengths[slot]` tokens of each. */
  resize(capacity: number, lengths: readonly number[]): void {
    const { kvHeads, headSize } = this.#shape;
    const old = this.#capacity;
    this.#capacity = capacity;
    this.#forgetFeeds();
    for (const [i, buffer] of this.#buffers.entries()) {
      const wider = new Float32Array(this.#slots * this.#slotSize);
      for (const [slot, length] of lengths.entries()) {
        for (let head = 0; head < kvHeads; head++) {
          const start = (slot * kvHeads + head) * old * headSize;
          wider.set(buffer.subarray(start, start + length * headSize), (slot * kvHeads + head) * capacity * headSize);
        }
      }
      this.#buffers[i] = wider;
      freeNow(buffer);
    }
  }

  release(): void {
    this.#forgetFeeds();
    for (const buffer of this.#buffers) freeNow(buffer);
    this.#buffers = [];
  }

  #forgetFeeds(): void {
    this.#feeds = {};
    this.#feedCount = 0;
  }
}

/** Gives a buffer's memory back at once; the garbage collector would take its time, and the next buffer is as large. */
function freeNow(buffer: Float32Array): void {
  (buffer.buffer as ArrayBuffer).transfer(0);
}
