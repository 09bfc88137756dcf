// Which sentences of a text say what it is about. No model and no clock: vectors come in.

import { sentences } from '../inference/text/divide-text.ts';

/** Shorter ones are headings and signatures, mostly. */
const FEWEST_LETTERS = 10;
/** How much it counts that a sentence is near to the whole text; the rest, that it is far from those that are taken already. */
const CENTRAL = 0.7;

/** Sentences that state something, each once, white space within them made one space. Where there are none, whatever there is. */
export function candidateSentences(text: string): string[] {
  const all = [...sentences(text)].map(({ text }) =>
    text
      .replace(/^\s*(?:[-*•–]|\d{1,2}[.)])\s+/u, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  const some = all.filter((sentence) => sentence.length > FEWEST_LETTERS && !/[?？]["'”’»)\]]*$/u.test(sentence));
  return [...new Set(some.length > 0 ? some : all.filter((sentence) => sentence !== ''))];
}

/**
 * Places of so many vectors, in their order: one after the other the one that is nearest to the mean of all and farthest from
 * those that were taken (maximal marginal relevance). Of equals the first.
 */
export function centralOnes(vectors: readonly Float32Array[], most: number): number[] {
  const centre = normalized(vectors);
  const near = vectors.map((vector) => dot(vector, centre));
  const likest = vectors.map(() => -1);
  const taken = new Set<number>();
  while (taken.size < Math.min(most, vectors.length)) {
    let [best, bestWorth] = [-1, Number.NEGATIVE_INFINITY];
    for (const [i, nearness] of near.entries()) {
      if (taken.has(i)) continue;
      const worth = CENTRAL * nearness - (1 - CENTRAL) * (taken.size === 0 ? 0 : likest[i]!);
      if (worth > bestWorth) [best, bestWorth] = [i, worth];
    }
    taken.add(best);
    for (const [i, vector] of vectors.entries()) likest[i] = Math.max(likest[i]!, dot(vector, vectors[best]!));
  }
  return [...taken].sort((a, b) => a - b);
}

/** The cosine, for vectors of unit length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function normalized(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  const length = Math.sqrt(dot(sum, sum)) || 1;
  return sum.map((value) => value / length);
}
