// Which format is recommended: the fastest that meets the bars, and the usual one unless another is clearly faster.

import { expect, test } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { type FormatFigures, recommend } from '../../../workers/inference/measure/recommend.ts';

function figures(format: NumberFormat, speed: number, excess: number, residentBytes = 100, half = 0): FormatFigures {
  const interval = [excess - half, excess + half] as const;
  const quality = { kind: 'text', perplexity: 20, excess, interval, tokens: 2000 } as const;
  return { format, quality, speeds: { one: speed / 2, eight: speed * 2 }, residentBytes, fileBytes: 1, loadMs: 1 };
}

test.for([
  ['row8u', [figures('row8u', 100, 0.005), figures('nb8', 80, 0.001), figures('fp32', 50, 0)]],
  ['nb8', [figures('row8u', 100, 0.011), figures('nb8', 80, 0.001), figures('fp32', 50, 0)]],
  ['fp32', [figures('row8u', 100, 0.011), figures('nb8', 80, 0.02), figures('fp32', 50, 0)]],
  ['fp32', [figures('nb8', 80, 0.001), figures('fp32', 90, 0)]],
  ['nb4', [figures('row8u', 100, 0.005), figures('nb4', 106, 0.001), figures('fp32', 50, 0)]],
  ['row8u', [figures('row8u', 100, 0.005), figures('nb4', 104, 0.001), figures('fp32', 50, 0)]],
] as const)('%s', ([expected, measured]) => {
  expect(recommend(measured, 'row8u').format).toBe(expected);
});

test('says why', () => {
  const [usual, other, exact] = [figures('row8u', 100, 0), figures('nb4', 104, 0), figures('fp32', 50, 0)];
  expect(recommend([usual, other, exact], 'row8u').reason).toBe(
    'it meets the quality bars, and nb4 is only 4 % faster',
  );
  expect(recommend([usual, exact], 'row8u').reason).toBe('the fastest that meets the quality bars');
  expect(recommend([figures('nb8', 100, 1), exact], 'nb8').reason).toBe('no other format meets the quality bars');
});

test('says which are judged by their figures alone, taken or not', () => {
  const exact = figures('fp32', 50, 0, 100, 1);
  const open = figures('row8u', 100, 0.009, 100, 0.002);
  const left = figures('nb4', 120, 0.011, 100, 0.002);
  const alone = 'judged by its figure alone, since the bar lies within its interval';
  expect(recommend([open, exact], 'row8u')).toMatchObject({
    format: 'row8u',
    reason: `the fastest that meets the quality bars; row8u is ${alone}`,
  });
  expect(recommend([left, exact], 'row8u')).toMatchObject({
    format: 'fp32',
    reason: `no other format meets the quality bars; nb4 is ${alone}`,
  });
  expect(recommend([open, left, exact], 'row8u').reason).toMatch(/; row8u and nb4 are judged by their figures alone, /);
});

test('names nb4 where memory is short, if it is good enough and smaller', () => {
  const usual = figures('row8u', 100, 0, 200);
  const exact = figures('fp32', 50, 0, 900);
  expect(recommend([usual, figures('nb4', 60, 0, 150), exact], 'row8u').forLittleMemory).toBe('nb4');
  expect(recommend([usual, figures('nb4', 60, 0.02, 150), exact], 'row8u').forLittleMemory).toBeUndefined();
  expect(recommend([usual, figures('nb4', 60, 0, 250), exact], 'row8u').forLittleMemory).toBeUndefined();
  expect(recommend([usual, figures('nb4', 200, 0, 150), exact], 'row8u').forLittleMemory).toBeUndefined();
});
