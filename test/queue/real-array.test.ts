import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realArrayLiteral } from '../../workers/queue/real-array.ts';

test('a vector survives being written as text, bit for bit', () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), (vector) => {
      const text = realArrayLiteral(vector);
      const read = text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
      expect(new Uint8Array(Float32Array.from(read).buffer)).toEqual(new Uint8Array(vector.slice().buffer));
    }),
  );
});

test('numbers that are none are written as PostgreSQL reads them', () => {
  expect(realArrayLiteral(Float32Array.of(Number.NaN, Infinity, -Infinity, -0))).toBe('{NaN,Infinity,-Infinity,-0}');
});
