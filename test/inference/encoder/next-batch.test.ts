// The order of batches as a property: the small ones soon, every one at last, the larger of equal ones not together.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextBatch } from '../../../workers/inference/encoder/next-batch.ts';

interface Line {
  readonly name: string;
  left: number;
}

/** One turn, as the encoder takes it; gives the name of who had it. */
function take(line: Line[], turn: number): string {
  const next = nextBatch(
    line.map(({ left }) => left),
    turn,
  );
  const [batch] = line.splice(next, 1);
  batch!.left--;
  if (batch!.left > 0) line.push(batch!);
  return batch!.name;
}

describe('of the batches that wait', () => {
  test('a small one is next, or the one after, beside any large ones', () => {
    const large = fc.array(fc.integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(large, fc.nat(100), (sizes, turn) => {
        const line = [...sizes.map((left, i) => ({ name: `large ${i}`, left })), { name: 'small', left: 1 }];
        expect([take(line, turn), take(line, turn + 1)]).toContain('small');
      }),
    );
  });

  test('the largest goes on while small ones come without end', () => {
    const line = Array.from({ length: 3 }, (_, i) => ({ name: `large ${i}`, left: 10 }));
    const had: string[] = [];
    for (let turn = 0; turn < 200; turn++) {
      while (line.length < 6) line.push({ name: 'small', left: 1 });
      had.push(take(line, turn));
    }
    for (const name of ['large 0', 'large 1', 'large 2']) {
      expect(had.filter((its) => its === name).length).toBeGreaterThan(5);
    }
  });

  test('the first of two equal ones ends when the second has most of its way before it', () => {
    const line = ['first', 'second'].map((name) => ({ name, left: 12 }));
    const had = Array.from({ length: 24 }, (_, turn) => take(line, turn));
    expect(had.slice(0, had.lastIndexOf('first')).filter((name) => name === 'second').length).toBeLessThan(6);
  });
});
