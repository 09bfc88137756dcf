// Keys and values of prompts that were read before, chunk by chunk, for prompts that begin in the same way: system prompts,
// templates, long shared documents. A prompt is always cut at multiples of BLOCK tokens, so a chunk's rows follow from its
// tokens and those before it alone, and taking them from here gives the bits that reading it again would give.

import { createHash } from 'node:crypto';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import { BLOCK, type KvCache } from './kv-cache.ts';
import { pages } from './pages.ts';

/** Where the rows of a chunk lie: BLOCK tokens of a layer's head; heads as in KvCache.rows. */
export type ChunkRows = (layer: number, head: number) => Float32Array;

/** A chunk that lies in a slot that runs. */
export type Elsewhere = (key: string, chunk: number) => ChunkRows | undefined;

/** A name for each whole chunk of a prompt: a hash of the name before it and of the chunk's tokens. */
export function chunkKeys(prompt: readonly number[]): string[] {
  const keys: string[] = [];
  for (let first = 0; first + BLOCK <= prompt.length; first += BLOCK) {
    const tokens = Uint32Array.from(prompt.slice(first, first + BLOCK));
    keys.push(
      createHash('sha256')
        .update(keys.at(-1) ?? '')
        .update(tokens)
        .digest('base64'),
    );
  }
  return keys;
}

export class PrefixCache {
  readonly #shape: DecoderShape;
  readonly #limit: number;
  /** From the one that is dropped first. The chunks of a prompt stand from its end to its beginning. */
  readonly #chunks = new Map<string, Float32Array>();

  /** Keeps so many tokens at most; with less than a block it keeps nothing and gives nothing. */
  constructor(shape: DecoderShape, limit: number) {
    this.#shape = shape;
    this.#limit = limit;
  }

  /** Whether it keeps and gives anything at all. */
  get keeps(): boolean {
    return this.#limit >= BLOCK;
  }

  get tokens(): number {
    return this.#chunks.size * BLOCK;
  }

  /** How many chunks of `keys`, from the first on, `read` would copy now. */
  known(keys: readonly string[], elsewhere: Elsewhere): number {
    if (!this.keeps) return 0;
    const unknown = keys.findIndex((key, chunk) => !this.#chunks.has(key) && !elsewhere(key, chunk));
    return unknown < 0 ? keys.length : unknown;
  }

  /**
   * Copies the beginning of a prompt into its cache, as many chunks of `keys` as are known in a row; gives their tokens.
   * `copied` hears after each how many tokens the prompt's cache holds by now.
   */
  read(keys: readonly string[], cache: KvCache, elsewhere: Elsewhere, copied: (tokens: number) => void): number {
    const find = (chunk: number) => this.#find(keys[chunk]!) ?? elsewhere(keys[chunk]!, chunk);
    const count = this.known(keys, elsewhere);
    this.#touch(keys.slice(0, count));
    // The last first: where `copied` has to make room for the copy, that one is dropped before the others.
    for (let chunk = count - 1; chunk >= 0; chunk--) {
      this.#copy(find(chunk)!, rowsOf(cache, 0, chunk));
      copied((count - chunk) * BLOCK);
    }
    return count * BLOCK;
  }

  /** Keeps the chunks of a prompt that lies in a slot of `cache`, its beginning at least, in `room` tokens for all that is kept. */
  keep(keys: readonly string[], cache: KvCache, slot: number, room: number): void {
    const most = Math.floor(Math.min(room, this.#limit) / BLOCK);
    const kept = keys.slice(0, most);
    this.#touch(kept);
    for (let chunk = kept.length - 1; chunk >= 0; chunk--) {
      const key = kept[chunk]!;
      if (!this.#chunks.has(key)) {
        this.shrink((most - 1) * BLOCK);
        const data = pages(this.#headSize * this.#heads * this.#shape.layers);
        this.#copy(rowsOf(cache, slot, chunk), this.#rowsIn(data));
        this.#chunks.set(key, data);
      } else this.#touch([key]);
    }
  }

  /** Drops what was not used for longest, until it holds no more than so many tokens. */
  shrink(tokens: number): void {
    for (const [key, data] of this.#chunks) {
      if (this.tokens <= tokens) return;
      this.#chunks.delete(key);
      freeNow(data);
    }
  }

  /** Those of one prompt: its end is dropped before its beginning, without which it would be of no use. */
  #touch(keys: readonly string[]): void {
    for (const key of keys.toReversed()) {
      const data = this.#chunks.get(key);
      if (!data) continue;
      this.#chunks.delete(key);
      this.#chunks.set(key, data);
    }
  }

  #copy(from: ChunkRows, to: ChunkRows): void {
    for (let layer = 0; layer < this.#shape.layers; layer++) {
      for (let head = 0; head < this.#heads; head++) to(layer, head).set(from(layer, head));
    }
  }

  #find(key: string): ChunkRows | undefined {
    const data = this.#chunks.get(key);
    return data && this.#rowsIn(data);
  }

  #rowsIn(data: Float32Array): ChunkRows {
    return (layer, head) => {
      const start = (layer * this.#heads + head) * this.#headSize;
      return data.subarray(start, start + this.#headSize);
    };
  }

  get #heads(): number {
    return 2 * this.#shape.kvHeads;
  }

  /** Numbers of a head's chunk. */
  get #headSize(): number {
    return BLOCK * this.#shape.headSize;
  }
}

export function rowsOf(cache: KvCache, slot: number, chunk: number): ChunkRows {
  return (layer, head) => cache.rows(slot, layer, head, chunk * BLOCK, BLOCK);
}
