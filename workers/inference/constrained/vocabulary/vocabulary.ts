// The tokens of a model as a tree of their bytes.

import { SteadyTextError } from '../../../errors.ts';
import { type TokenTree, tokenTree, wholeTree } from './token-tree.ts';

export type Encode = (text: string) => readonly number[];
type Tokens = readonly (Uint8Array | undefined)[];

export class Vocabulary implements TokenTree {
  /** Tokens with ids, with or without bytes. */
  readonly size: number;
  readonly byte: Uint8Array;
  readonly after: Int32Array;
  readonly depth: Uint16Array;
  readonly token: Int32Array;
  readonly twin: Int32Array;
  readonly longest: number;
  readonly encode: Encode | undefined;
  readonly #bytes: Tokens;

  /**
   * Special tokens are undefined: they are no part of an output. `encode` is the tokenizer's own way to write a text.
   * Bytes that are no token of their own can never be written, and neither can tokens with such a byte in them be.
   */
  constructor(bytesOfToken: Tokens, encode?: Encode, tree?: TokenTree) {
    this.#bytes = tree ? bytesOfToken : usable(bytesOfToken);
    this.size = bytesOfToken.length;
    this.encode = encode;
    const { byte, after, depth, token, twin, longest } = tree ?? wholeTree(this.#bytes);
    this.byte = byte;
    this.after = after;
    this.depth = depth;
    this.token = token;
    this.twin = twin;
    this.longest = longest;
  }

  /** The same in slices of a few milliseconds, with a yield after each. */
  static *inSlices(size: number, bytesOf: (token: number) => Uint8Array | undefined, encode?: Encode) {
    const bytes: (Uint8Array | undefined)[] = [];
    while (bytes.length < size) {
      bytes.push(bytesOf(bytes.length));
      if (bytes.length % SLICE === 0) yield;
    }
    const tokens = usable(bytes);
    yield;
    return new Vocabulary(tokens, encode, yield* tokenTree(tokens));
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
}

const SLICE = 4_000;

/** Throws where a byte is missing that JSON or a character of several bytes needs. */
function usable(bytesOfToken: Tokens): Tokens {
  const single = new Set(bytesOfToken.filter((bytes) => bytes?.length === 1).map((bytes) => bytes![0]!));
  for (let byte = 0x20; byte < 0xc0; byte++) if (byte !== 0x7f && !single.has(byte)) throw withoutByte(byte);
  return bytesOfToken.map((bytes) => (bytes?.length && bytes.every((byte) => single.has(byte)) ? bytes : undefined));
}

function withoutByte(byte: number): SteadyTextError {
  return new SteadyTextError(
    'ModelUnsupported',
    `expected a vocabulary with a token for each byte, it has none for 0x${byte.toString(16)}`,
    { hint: 'Take a model with a byte-level vocabulary for structured output.' },
  );
}
