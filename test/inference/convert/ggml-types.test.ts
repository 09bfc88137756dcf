// Each kind of stored numbers gives back what was stored, to the last bit.

import { describe, expect, test } from 'vitest';
import { ggmlType, KNOWN_GGML_TYPES } from '../../../workers/inference/convert/read/ggml-types.ts';
import { ENCODERS } from './encoders.ts';
import { seeded } from './seeded.ts';

test('the known kinds are those with an encoder here', () => {
  expect([...KNOWN_GGML_TYPES].sort()).toEqual(Object.keys(ENCODERS).sort());
});

/** Without the sign that a zero may have. */
const plain = (values: Float32Array) => values.map((value) => value + 0);

const random = seeded(11);
const SAMPLES: Readonly<Record<string, Float32Array>> = {
  'normal numbers': random.normals(1024, 0.05),
  'numbers of very different sizes': random.normals(1024, 1).map((value, i) => value * 10 ** ((i >> 5) % 5)),
  'numbers above zero': random.normals(1024, 1).map((value) => Math.abs(value) + 0.5),
  'numbers below zero': random.normals(1024, 1).map((value) => -Math.abs(value) - 0.5),
};

describe.for(Object.entries(ENCODERS))('%s', ([name, encode]) => {
  test.for(Object.keys(SAMPLES))('gives back %s', (sample) => {
    const values = SAMPLES[sample]!;
    const stored = encode(values);
    const type = ggmlType(stored.type)!;
    expect(type.name).toBe(name);
    expect(stored.bytes.length).toBe((values.length / type.blockValues) * type.blockBytes);
    expect(plain(type.decode(stored.bytes))).toEqual(plain(stored.values));
    // And the encoder is one: what is stored is near what was given.
    const largest = Math.max(...values.map(Math.abs));
    for (const [i, value] of stored.values.entries()) expect(Math.abs(value - values[i]!)).toBeLessThan(largest / 5);
  });

  test('reads bytes that begin at any place, and blocks one by one as together', () => {
    const { type: id, bytes, values } = encode(SAMPLES['normal numbers']!);
    const type = ggmlType(id)!;
    const shifted = Buffer.concat([Buffer.from([7]), bytes]).subarray(1);
    expect(plain(type.decode(shifted))).toEqual(plain(values));
    const block = 2 * type.blockBytes;
    const third = values.slice(2 * type.blockValues, 3 * type.blockValues);
    expect(plain(type.decode(bytes.subarray(block, block + type.blockBytes)))).toEqual(plain(third));
  });
});
