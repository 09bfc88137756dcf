// The engine's version stands in receipts for the bytes it gives. Kernels round in the way of their CPU; what comes round them
// is plain arithmetic, the same everywhere. Whoever changes a bit of it raises the version, and sets the values below anew.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import { RECENT } from '../../../workers/inference/decoder/recent-tokens.ts';
import { pickToken } from '../../../workers/inference/decoder/sampling.ts';
import { cosine, finished, pool } from '../../../workers/inference/encoder/pooling.ts';
import { ENGINE_VERSION } from '../../../workers/inference/engine-version.ts';
import { seeded } from '../convert/seeded.ts';

const GIVEN = {
  version: '5',
  mean: '6793133c26984677',
  'mean, normalised': '71c0e24b7627314c',
  'cls, normalised': '633f735a5ca4d904',
  'mean of what cancels out': '99a52257391b0943',
  cosine: -0.07988899872290631,
  'drawn at 0.7':
    '16 49 11 58 30 11 11 16 16 29 53 29 6 29 53 16 53 6 43 29 43 30 53 42 39 6 43 42 43 30 29 39 6 16 11 49 29 39 11 20 29 11 42 43 39 53 53 53 43 11 29 6 11 11 30 53 4 11 53 39 53 42 29 6 11 4 43 36 30 11 43 51 16 4 11 23 53 11 46 11 43 29 29 16 39 20 42 11 30 53 29 42 39 29 43 43 58 4 29 30',
  'drawn at 1.5':
    '22 51 11 59 36 16 11 23 20 29 53 29 6 30 53 22 54 5 43 30 49 34 55 42 42 4 43 43 49 36 30 39 6 16 16 53 29 39 11 23 30 15 43 46 39 53 53 53 43 11 29 6 11 11 30 53 4 11 53 39 54 43 30 6 12 4 49 39 30 11 43 53 20 4 11 28 57 16 51 11 43 29 30 23 39 23 42 11 31 53 30 42 41 30 43 49 62 4 29 36',
  'tokens of a chunk': 64,
  'tokens of a block of recent ones': 16,
};

/** -1 to 1. */
function numbers(seed: number, count: number): Float32Array {
  const { uniform } = seeded(seed);
  return Float32Array.from({ length: count }, () => 2 * uniform() - 1);
}

const digest = (numbers: Float32Array | Float64Array) =>
  createHash('sha256')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex')
    .slice(0, 16);

test('what the engine does in arithmetic of its own is that of its version', () => {
  const [tokens, width] = [100, 24];
  const states = numbers(1, tokens * width);
  const pooled = (pooling: 'mean' | 'cls', normalize: boolean) =>
    finished(pool(states, tokens, pooling), width, normalize);

  // Sums of these have the bits of their order in them, in double precision too.
  const wide = numbers(3, (tokens / 2) * width).map((x, i) => x * 2 ** (i % 40));
  const cancelling = Float32Array.of(...wide, ...wide.map((x) => -x));

  const logits = numbers(2, 64).map((logit) => 4 * logit);
  const best = logits.indexOf(Math.max(...logits));
  const drawn = (temperature: number) =>
    Array.from({ length: 100 }, (_, position) => pickToken({ best, logits }, { temperature, seed: 42, position }));

  expect({
    version: ENGINE_VERSION,
    mean: digest(pooled('mean', false)),
    'mean, normalised': digest(pooled('mean', true)),
    'cls, normalised': digest(pooled('cls', true)),
    'mean of what cancels out': digest(pool(cancelling, tokens, 'mean')),
    cosine: cosine(pooled('mean', true), pooled('cls', true)),
    'drawn at 0.7': drawn(0.7).join(' '),
    'drawn at 1.5': drawn(1.5).join(' '),
    'tokens of a chunk': BLOCK,
    'tokens of a block of recent ones': RECENT,
  }).toEqual(GIVEN);
});
