import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { demandsOf, MOST_PER_CLAIM, MOST_PER_FIRST_CLAIM, MOST_SETTLING } from '../../workers/fleet/demand.ts';
import { endingOf } from '../../workers/fleet/failure-policy.ts';
import { pollDelay } from '../../workers/fleet/poll-policy.ts';
import { restartDelay } from '../../workers/fleet/restart-policy.ts';
import { mostAlone, shareOut } from '../../workers/fleet/routing.ts';
import { settleBatchLength } from '../../workers/fleet/settle-batch.ts';
import { timingsOf } from '../../workers/fleet/timings.ts';

describe('polling', () => {
  const policy = { fastMs: 25, slowMs: 1000, fastForMs: 1000 };

  test('is fast for a second after work, then slow with jitter', () => {
    expect(pollDelay(0, 0.7, policy)).toBe(25);
    expect(pollDelay(999, 0.7, policy)).toBe(25);
    expect(pollDelay(1000, 0, policy)).toBe(750);
    expect(pollDelay(Number.POSITIVE_INFINITY, 1, policy)).toBe(1250);
  });
});

describe('demand', () => {
  const kind = { requestType: 'embed', model: 'm', room: 60, largest: 512, largeRoom: 2 };

  test('is the free room, and what of it large ones may have', () => {
    const demand = { requestType: 'embed', model: 'm', limit: 60, largest: 512, largeLimit: 2 };
    expect(demandsOf([kind], 0)).toEqual([demand]);
    expect(demandsOf([{ ...kind, largeRoom: -1 }], 0)).toEqual([{ ...demand, largeLimit: 0 }]);
    expect(demandsOf([{ ...kind, room: 0 }], 0)).toEqual([]);
  });

  test('is small for the first of a burst, so that they are under way while more are claimed', () => {
    const roomy = { ...kind, room: 1e6 };
    expect(demandsOf([roomy], 0)[0]!.limit).toBe(MOST_PER_FIRST_CLAIM);
    expect(demandsOf([roomy], 1)[0]!.limit).toBe(MOST_PER_CLAIM);
  });

  test('is nothing while the database takes no outcomes', () => {
    expect(demandsOf([kind], MOST_SETTLING)).toEqual([]);
  });
});

describe('routing', () => {
  test('spreads a burst evenly and cuts it into calls', () => {
    const idle = { room: 64, load: 0 };
    expect(shareOut(40, [idle, idle], 32)).toEqual([
      { engine: 0, count: 20 },
      { engine: 1, count: 20 },
    ]);
    expect(shareOut(100, [idle, idle], 32).map(({ count }) => count)).toEqual([32, 18, 32, 18]);
  });

  test('gives a single request to the engine with the least to do', () => {
    expect(
      shareOut(
        1,
        [
          { room: 5, load: 3 },
          { room: 7, load: 1 },
        ],
        1,
      ),
    ).toEqual([{ engine: 1, count: 1 }]);
  });

  test('keeps half of the engines for what must run alone, and leaves one for the others where there are two', () => {
    expect([1, 2, 3, 4, 8].map(mostAlone)).toEqual([1, 1, 2, 2, 4]);
  });

  test('never gives an engine more than its room, a call more than its bound, or away what could be placed', () => {
    const engine = fc.record({ room: fc.nat(50), load: fc.nat(50) });
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(engine, { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (waiting, engines, perCall) => {
          const shares = shareOut(waiting, engines, perCall);
          const placed = engines.map((_, i) =>
            shares.filter((share) => share.engine === i).reduce((sum, { count }) => sum + count, 0),
          );
          expect(shares.every(({ count }) => count >= 1 && count <= perCall)).toBe(true);
          expect(placed.every((count, i) => count <= engines[i]!.room)).toBe(true);
          const room = engines.reduce((sum, each) => sum + each.room, 0);
          expect(placed.reduce((sum, count) => sum + count, 0)).toBe(Math.min(waiting, room));
        },
      ),
    );
  });
});

describe('settle batches', () => {
  const settled = (id: number, bytes = 0) =>
    ({ requestId: `${id}`, leaseToken: '1', outcome: 'completed', result: 'x'.repeat(bytes) }) as const;

  test('are bounded by rows', () => {
    expect(settleBatchLength(Array.from({ length: 1200 }, (_, i) => settled(i)))).toBe(1000);
  });

  test('are bounded by bytes, but a single large one goes', () => {
    const large = settled(1, 900);
    expect(settleBatchLength([large, large, large], { rows: 10, bytes: 2500 })).toBe(2);
    expect(settleBatchLength([large, large], { rows: 10, bytes: 10 })).toBe(1);
    expect(settleBatchLength([])).toBe(0);
  });
});

describe('failures', () => {
  test('of the input are final', () => {
    expect(endingOf(new SteadyTextError('InvalidInput', 'no'))).toEqual({
      outcome: 'failed',
      error: 'InvalidInput: no',
    });
    expect(endingOf(new SteadyTextError('InputTooLong', 'no')).outcome).toBe('failed');
    expect(endingOf(new SteadyTextError('EngineTooSmall', 'no')).outcome).toBe('failed');
  });

  test('by the death of an engine are tried again, alone', () => {
    expect(endingOf(new SteadyTextError('EngineDied', 'gone'))).toMatchObject({ outcome: 'retry', isolate: true });
  });

  test('of any other kind are tried again, and their text can be stored', () => {
    expect(endingOf(new Error(`a\0b${'x'.repeat(5000)}`))).toEqual({
      outcome: 'retry',
      error: `a\ufffdb${'x'.repeat(1997)}`,
    });
  });
});

describe('replacement of engines', () => {
  test('is at once for the first death, then slower and slower', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map(restartDelay)).toEqual([
      0, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000,
    ]);
  });
});

describe('rhythms', () => {
  test('follow from the lease: two renewals may fail before it ends, and a dead lease is found soon after', () => {
    expect(timingsOf(30)).toMatchObject({ renewMs: 10_000, rescueMs: 5000, statementMs: 10_000 });
    expect(timingsOf(2)).toMatchObject({ rescueMs: 500, statementMs: 2000 });
  });
});
