// How few tokens a text can have at least, in time that grows with its length only: merging a word of 100 kB takes seconds,
// in which an engine could do nothing else.

import type { BytesOfToken } from './byte-tokens.ts';

const HEAD = 4;
const SLOTS = 2 ** 16;

/**
 * Counts the longest possible steps. No token that begins at a byte is longer than the longest of the vocabulary with the
 * same four first bytes (found by a hash: others that share the slot only make it longer); the true tokens are steps too,
 * so they cannot be fewer. Bytes that are no token are dropped, as the tokenizer does. Undefined for a vocabulary in which
 * such a byte is part of a longer token.
 */
export function fewestTokens(count: number, bytesOf: BytesOfToken): ((text: string) => number) | undefined {
  const longest = new Uint32Array(SLOTS);
  const [single, any] = [new Set<number>(), new Set<number>()];
  for (let id = 0; id < count; id++) {
    const bytes = bytesOf(id);
    for (const byte of bytes) any.add(byte);
    if (bytes.length === 1) single.add(bytes[0]!);
    if (bytes.length < HEAD) continue;
    const slot = slotOf(bytes, 0);
    longest[slot] = Math.max(longest[slot]!, bytes.length);
  }
  if (any.size > single.size) return undefined;
  return (text) =>
    stepsThrough(
      Buffer.from(text).filter((byte) => single.has(byte)),
      longest,
    );
}

function stepsThrough(bytes: Uint8Array, longest: Uint32Array): number {
  let steps = 0;
  let end = 0;
  let reach = 0;
  for (let i = 0; i < bytes.length; i++) {
    const most = i + HEAD <= bytes.length ? Math.max(HEAD - 1, longest[slotOf(bytes, i)]!) : HEAD - 1;
    reach = Math.max(reach, i + most);
    if (i < end) continue;
    steps++;
    end = reach;
  }
  return steps;
}

function slotOf(bytes: Uint8Array, i: number): number {
  const head = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  return Math.imul(head, 0x9e3779b1) >>> 16;
}
