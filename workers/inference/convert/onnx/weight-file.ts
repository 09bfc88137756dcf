// graph.data: the weights of a graph, written once from front to back while their digest is computed. Tensors begin at
// multiples of 4096 so that onnxruntime can map them into memory instead of copying them.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const ALIGNMENT = 4096;

export interface WeightPlace {
  readonly offset: number;
  readonly length: number;
}

/** Appends bytes to an open file and returns how many were taken; fs.writeSync, or a full disk in tests. */
export type WriteBytes = (descriptor: number, bytes: Uint8Array) => number;

export class WeightFile {
  readonly #descriptor: number;
  readonly #write: WriteBytes;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(path: string, write: WriteBytes = writeSync) {
    this.#descriptor = openSync(path, 'wx');
    this.#write = write;
  }

  get size(): number {
    return this.#size;
  }

  /** Writes one tensor, piece by piece; only one piece is in memory at a time. */
  append(pieces: Iterable<Uint8Array>): WeightPlace {
    this.#put(Buffer.alloc((ALIGNMENT - (this.#size % ALIGNMENT)) % ALIGNMENT));
    const offset = this.#size;
    for (const piece of pieces) this.#put(piece);
    return { offset, length: this.#size - offset };
  }

  /** Flushes to the disk and returns the digest of everything written. */
  finish(): { readonly sha256: string; readonly bytes: number } {
    fsyncSync(this.#descriptor);
    return { sha256: this.#hash.digest('hex'), bytes: this.#size };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #put(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += this.#write(this.#descriptor, bytes.subarray(done));
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }
}
