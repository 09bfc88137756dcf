// Whether two answers are the same: by their bits, in all their parts but the engine's room.

import { expect, test } from 'vitest';
import { differenceOf } from '../../scripts/stress/compare.ts';

const receipt = { model: 'm', longest: 1024, output: 'ab', finish: 'end' };
const text = { outcome: 'completed', result: 'bread', tokensIn: 3, tokensOut: 2, receipt } as const;
const vector = (...values: number[]) =>
  ({ outcome: 'completed', embedding: Float32Array.from(values), receipt }) as const;

test('equal answers have no difference, whatever room their engines had', () => {
  expect(differenceOf(text, { ...text, receipt: { ...receipt, longest: 2048 } })).toBeUndefined();
  expect(differenceOf(vector(1, Number.NaN), vector(1, Number.NaN))).toBeUndefined();
});

test('the last bit of one number is a difference, and so is the sign of a zero', () => {
  const next = new Float32Array(new Uint32Array([0x3f800001]).buffer)[0]!;
  expect(differenceOf(vector(1, 2, 3), vector(next, 2, 3))).toEqual({ bytes: 1, numbers: 1, parts: ['embedding'] });
  expect(differenceOf(vector(0, 2, 3), vector(-0, 2, 3))).toEqual({ bytes: 1, numbers: 1, parts: ['embedding'] });
});

test('texts differ in each byte that is another and in all that one has more', () => {
  const difference = differenceOf(text, { ...text, result: 'broadly' });
  expect(difference).toEqual({ bytes: 3, numbers: 0, parts: ['result'] });
});

test('what else is said of an answer is compared too', () => {
  const cut = { ...text, tokensOut: 1, receipt: { ...receipt, finish: 'length', output: 'cd' } };
  const difference = differenceOf(text, cut);
  expect(difference).toEqual({ bytes: 0, numbers: 0, parts: ['tokensOut', 'receipt.output', 'receipt.finish'] });
  const { receipt: _, ...without } = text;
  expect(differenceOf(text, without)?.parts).toContain('receipt.output');
});
