// What differs between vectors of the same texts that were made in two ways, bit by bit.

import { cosine } from '../../../workers/inference/encoder/pooling.ts';

export interface VectorDifferences {
  readonly vectors: number;
  /** Vectors of which at least one byte differs. */
  readonly differ: number;
  readonly bytes: number;
  readonly differingBytes: number;
  /** Between two numbers at the same place. */
  readonly largest: number;
  /** Between two vectors of one text. */
  readonly leastCosine: number;
}

/** Throws where the two do not have vectors of the same lengths. */
export function vectorDifferences(one: readonly Float32Array[], other: readonly Float32Array[]): VectorDifferences {
  if (one.length !== other.length) throw new Error(`Expected ${one.length} vectors, got ${other.length}.`);
  let [differ, bytes, differingBytes, largest, leastCosine] = [0, 0, 0, 0, 1];
  for (const [i, vector] of one.entries()) {
    const mate = other[i]!;
    if (vector.length !== mate.length) throw new Error(`Expected ${vector.length} numbers, got ${mate.length}.`);
    const count = differing(bytesOf(vector), bytesOf(mate));
    bytes += vector.byteLength;
    differingBytes += count;
    if (count === 0) continue;
    differ++;
    leastCosine = Math.min(leastCosine, cosine(vector, mate));
    for (let k = 0; k < vector.length; k++) largest = Math.max(largest, Math.abs(vector[k]! - mate[k]!));
  }
  return { vectors: one.length, differ, bytes, differingBytes, largest, leastCosine };
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

function differing(one: Uint8Array, other: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) count++;
  return count;
}
