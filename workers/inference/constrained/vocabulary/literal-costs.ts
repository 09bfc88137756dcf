// How few tokens spell some bytes, from each place in them on: the shortest way, not the tokenizer's.

import type { Vocabulary } from './vocabulary.ts';

/** Infinity where a byte is no token. */
export function tokensToEnd(vocabulary: Vocabulary, bytes: Uint8Array): Float64Array {
  const costs = new Float64Array(bytes.length + 1).fill(Number.POSITIVE_INFINITY);
  costs[bytes.length] = 0;
  for (let at = bytes.length - 1; at >= 0; at--)
    for (const { end } of tokensAt(vocabulary, bytes, at)) costs[at] = Math.min(costs[at]!, 1 + costs[end]!);
  return costs;
}

/** The tokens that fit the bytes at a place. */
export function* tokensAt(
  vocabulary: Vocabulary,
  bytes: Uint8Array,
  at: number,
): Generator<{ token: number; end: number }> {
  let node = 0;
  for (let end = at; end < bytes.length; ) {
    node = vocabulary.child(node, bytes[end]!);
    if (node < 0) return;
    end++;
    if (vocabulary.token[node]! >= 0) yield { token: vocabulary.token[node]!, end };
  }
}

/** The longest token at each place: how a tokenizer without merges would write the bytes. */
export function longestMatches(vocabulary: Vocabulary, bytes: Uint8Array): number[] {
  const tokens: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const last = [...tokensAt(vocabulary, bytes, at)].at(-1);
    if (!last) break;
    tokens.push(last.token);
    at = last.end;
  }
  return tokens;
}
