// Stop texts: found wherever the pieces of an answer are cut, and nothing that was shown is ever taken back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stopWatch } from '../../../workers/inference/text/stop-texts.ts';

function watch(stops: readonly string[], pieces: readonly string[]): { shown: string; stopped: boolean } {
  const watching = stopWatch(stops);
  let shown = '';
  for (const piece of pieces) {
    const { safe, stopped } = watching.push(piece);
    shown += safe;
    if (stopped) return { shown, stopped };
  }
  return { shown: shown + watching.end(), stopped: false };
}

describe('an answer with stop texts', () => {
  test('ends before a stop text that lies across pieces', () => {
    expect(watch(['END'], ['one E', 'N', 'D two'])).toEqual({ shown: 'one ', stopped: true });
  });

  test('ends before the stop text that comes first', () => {
    expect(watch(['two', 'one'], ['zero one two'])).toEqual({ shown: 'zero ', stopped: true });
  });

  test('shows what only began like a stop text', () => {
    expect(watch(['END'], ['EN', 'EMY'])).toEqual({ shown: 'ENEMY', stopped: false });
    expect(watch(['aab'], ['a', 'a', 'a', 'b!'])).toEqual({ shown: 'a', stopped: true });
    expect(watch(['END'], ['the E', 'N'])).toEqual({ shown: 'the EN', stopped: false });
  });

  test('holds back no more than could become a stop text', () => {
    const watching = stopWatch(['[EOS]']);
    expect(watching.push('a [E').safe).toBe('a ');
    expect(watching.push('X').safe).toBe('[EX');
  });

  test('goes on to its own end without stop texts, and an empty one stops nothing', () => {
    expect(watch([], ['a', 'b'])).toEqual({ shown: 'ab', stopped: false });
    expect(watch([''], ['a', 'b'])).toEqual({ shown: 'ab', stopped: false });
  });

  test('is the same however it is cut into pieces, when there is one stop text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 20 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(letters, stop, fc.array(fc.nat(3)), (answer, stop, cuts) => {
        const characters = [...answer];
        const pieces = cuts.map((size) => characters.splice(0, size).join(''));
        const found = answer.indexOf(stop);
        const expected = { shown: found < 0 ? answer : answer.slice(0, found), stopped: found >= 0 };
        expect(watch([stop], [...pieces, characters.join('')])).toEqual(expected);
      }),
    );
  });
});
