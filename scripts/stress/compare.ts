// What differs between two answers to one request, byte by byte: of its result, and of its receipt with all the hashes.

import { isDeepStrictEqual } from 'node:util';
import type { Ending } from '../../workers/handlers/handler.ts';

export interface Difference {
  /** Of the vector or text; one that is longer differs in all that it has more. */
  readonly bytes: number;
  /** Of a vector. */
  readonly numbers: number;
  /** Parts of the answer that are not the same, by their names. */
  readonly parts: readonly string[];
}

export function differenceOf(one: Ending, other: Ending): Difference | undefined {
  const parts = differingParts(comparable(one), comparable(other));
  if (parts.length === 0) return undefined;
  return {
    bytes: differing(resultBytes(one), resultBytes(other)),
    numbers: differing(bitsOf(one.embedding), bitsOf(other.embedding)),
    parts,
  };
}

/** Engines with unlike memory for keys and values have room for unlike lengths, and say so; the requests fit into all of them. */
function comparable({ receipt, embedding, ...ending }: Ending): Record<string, unknown> {
  const { longest: _, ...said } = receipt ?? {};
  // By their bits: 0 and -0 are not the same.
  return { ...ending, embedding: bitsOf(embedding), ...prefixed('receipt.', said) };
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function differingParts(one: Record<string, unknown>, other: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

function resultBytes({ embedding, result = '' }: Ending): Uint8Array {
  if (!embedding) return Buffer.from(result);
  return new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
}

function bitsOf(vector: Float32Array | undefined): Uint32Array {
  return vector ? new Uint32Array(vector.slice().buffer) : new Uint32Array(0);
}

function differing(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  let count = longer.length - shorter.length;
  for (let i = 0; i < shorter.length; i++) if (shorter[i] !== longer[i]) count++;
  return count;
}
