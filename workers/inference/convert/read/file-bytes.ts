// A weight file opened for reading, with every offset and length checked against its size before anything is allocated.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { corrupt } from './source-errors.ts';

export class FileBytes {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** The bytes from `offset` on; `what` names them in the error when the file ends before. */
  read(offset: number, length: number, what: string): Buffer {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size))
      throw corrupt(this.path, `expected ${what} in bytes ${offset} to ${offset + length}, got a file of ${this.size}`);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#descriptor, bytes, done, length - done, offset + done);
      if (count === 0)
        throw corrupt(this.path, `expected ${what} of ${length} bytes, got ${done} before the file ended`);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Reads numbers and strings one after the other through a window, so that a header is not read byte by byte. */
export class FileCursor {
  readonly #file: FileBytes;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #position = 0;

  static readonly WINDOW_BYTES = 1 << 20;

  constructor(file: FileBytes) {
    this.#file = file;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#file.size - this.#position;
  }

  take(length: number, what: string): Buffer {
    const at = this.#position - this.#windowStart;
    if (at + length > this.#window.length) {
      const wanted = Math.max(length, Math.min(FileCursor.WINDOW_BYTES, this.remaining));
      this.#window = this.#file.read(this.#position, wanted, what);
      this.#windowStart = this.#position;
      this.#position += length;
      return this.#window.subarray(0, length);
    }
    this.#position += length;
    return this.#window.subarray(at, at + length);
  }

  uint32(what: string): number {
    return this.take(4, what).readUInt32LE();
  }

  /** A 64-bit count or size; larger ones than 2^53 are as absurd as any that the file cannot hold. */
  uint64(what: string): number {
    return Number(this.take(8, what).readBigUInt64LE());
  }

  /** How many things follow, each of at least `leastBytes`: never more than the rest of the file can hold. */
  count(what: string, leastBytes: number): number {
    const count = this.uint64(`the number of ${what}`);
    if (count * leastBytes > this.remaining)
      throw corrupt(
        this.#file.path,
        `expected ${count} ${what}, got a file with ${this.remaining} bytes left for them`,
      );
    return count;
  }

  text(what: string): string {
    return this.take(this.count(`bytes of ${what}`, 1), what).toString('utf8');
  }
}
