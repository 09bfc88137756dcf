// The tokens of a model as a tree of their bytes, in flat arrays: one node after its parent, subtrees one after the other.

import { SteadyTextError } from '../../../errors.ts';

export type Encode = (text: string) => readonly number[];

export class Vocabulary {
  /** Tokens with ids, with or without bytes. */
  readonly size: number;
  /** Of each node: its byte, the node after its subtree, its depth, and its first token or −1. Node 0 is the root. */
  readonly byte: Uint8Array;
  readonly after: Int32Array;
  readonly depth: Uint16Array;
  readonly token: Int32Array;
  /** Of each token: another one with the same bytes, or −1. */
  readonly twin: Int32Array;
  /** Bytes of the longest token. */
  readonly longest: number;
  readonly encode: Encode | undefined;
  readonly #bytes: readonly (Uint8Array | undefined)[];

  /**
   * Special tokens are undefined: they are no part of an output. `encode` is the tokenizer's own way to write a text.
   * Bytes that are no token of their own can never be written, and neither can tokens with such a byte in them be.
   */
  constructor(bytesOfToken: readonly (Uint8Array | undefined)[], encode?: Encode) {
    const single = new Set(bytesOfToken.filter((bytes) => bytes?.length === 1).map((bytes) => bytes![0]!));
    for (let byte = 0x20; byte < 0xc0; byte++) if (byte !== 0x7f && !single.has(byte)) throw withoutByte(byte);
    this.#bytes = bytesOfToken.map((bytes) =>
      bytes?.length && bytes.every((byte) => single.has(byte)) ? bytes : undefined,
    );
    this.size = bytesOfToken.length;
    this.encode = encode;
    this.twin = new Int32Array(this.size).fill(-1);
    const sorted = [...this.#bytes.keys()].filter((id) => this.#bytes[id]);
    // As Latin-1 texts, whose order is that of their bytes: a third of the time of comparing bytes.
    const texts = this.#bytes.map((bytes) => bytes && latin1(bytes));
    sorted.sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b));
    this.longest = sorted.reduce((longest, id) => Math.max(longest, this.#bytes[id]!.length), 0);
    const total = 1 + sorted.reduce((sum, id, i) => sum + this.#bytes[id]!.length - this.#common(sorted[i - 1], id), 0);
    this.byte = new Uint8Array(total);
    this.after = new Int32Array(total);
    this.depth = new Uint16Array(total);
    this.token = new Int32Array(total).fill(-1);
    this.#build(sorted);
  }

  /** Undefined for special tokens and ids beyond the vocabulary. */
  bytesOf(token: number): Uint8Array | undefined {
    return this.#bytes[token];
  }

  /** The child with a byte, or −1. */
  child(node: number, byte: number): number {
    const end = this.after[node]!;
    for (let child = node + 1; child < end; child = this.after[child]!) {
      if (this.byte[child] === byte) return child;
      if (this.byte[child]! > byte) return -1;
    }
    return -1;
  }

  #common(a: number | undefined, b: number): number {
    const [left, right] = [a === undefined ? undefined : this.#bytes[a], this.#bytes[b]!];
    let length = 0;
    while (left && length < left.length && left[length] === right[length]) length++;
    return length;
  }

  #build(sorted: readonly number[]): void {
    const path = [0];
    let node = 1;
    let before: number | undefined;
    const close = (depth: number) => {
      while (path.length > depth + 1) this.after[path.pop()!] = node;
    };
    for (const id of sorted) {
      const bytes = this.#bytes[id]!;
      const common = this.#common(before, id);
      close(common);
      for (let i = common; i < bytes.length; i++) {
        this.byte[node] = bytes[i]!;
        this.depth[node] = i + 1;
        path.push(node++);
      }
      const leaf = path.at(-1)!;
      if (this.token[leaf] === -1) this.token[leaf] = id;
      else {
        this.twin[id] = this.twin[this.token[leaf]!]!;
        this.twin[this.token[leaf]!] = id;
      }
      before = id;
    }
    close(0);
    this.after[0] = node;
  }
}

function withoutByte(byte: number): SteadyTextError {
  return new SteadyTextError(
    'ModelUnsupported',
    `expected a vocabulary with a token for each byte, it has none for 0x${byte.toString(16)}`,
    { hint: 'Take a model with a byte-level vocabulary for structured output.' },
  );
}

function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
