import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SETTLE_BOUNDS } from '../../workers/fleet/settle-batch.ts';
import { SettleBuffer, WORTH_A_LANE } from '../../workers/fleet/settle-buffer.ts';
import { createLogger, type Logger } from '../../workers/log.ts';
import type { Settlement } from '../../workers/queue/types.ts';
import { silent, until } from './support/parts.ts';

const done = (id: number, result = 'r'): Settlement => ({
  requestId: `${id}`,
  leaseToken: '1',
  outcome: 'completed',
  result,
});

function bufferOver(
  settle: (batch: readonly Settlement[]) => Promise<readonly Settlement[]>,
  idle = false,
  log: Logger = silent,
  onAnswer: (settlement: Settlement) => void = () => {},
) {
  const answers: [string, string][] = [];
  const sent: Settlement[][] = [];
  const buffer = new SettleBuffer({
    delayMs: 5,
    log,
    lanes: 2,
    pauseMs: 60_000,
    idle: () => idle,
    settle: (batch) => {
      sent.push([...batch]);
      return settle(batch).then((written) => new Set(written.map(({ requestId }) => requestId)));
    },
    onAnswer: (settlement, answer) => {
      answers.push([settlement.requestId, answer]);
      onAnswer(settlement);
    },
  });
  return { buffer, answers, sent };
}

const emptied = (buffer: SettleBuffer) => buffer.emptied(AbortSignal.timeout(10_000));

describe('coalescing', () => {
  test('what ends within the delay is one transaction', async () => {
    const { buffer, sent, answers } = bufferOver(async (batch) => batch);
    for (let i = 0; i < 20; i++) buffer.add(done(i));
    await emptied(buffer);
    expect(sent.map((batch) => batch.length)).toEqual([20]);
    expect(answers).toHaveLength(20);
  });

  test('what ends while a batch is on its way is the next batch', async () => {
    const first = Promise.withResolvers<void>();
    const { buffer, sent } = bufferOver(async (batch) => {
      await first.promise;
      return batch;
    }, true);
    buffer.add(done(1));
    await until('the first batch', () => sent.length === 1);
    for (let i = 2; i < 8; i++) buffer.add(done(i));
    first.resolve();
    await emptied(buffer);
    expect(sent.map((batch) => batch.length)).toEqual([1, 6]);
  });
});

test('a backlog is worth a second transaction beside the first, a little more is not', async () => {
  const first = Promise.withResolvers<void>();
  const { buffer, sent } = bufferOver(async (batch) => {
    if (batch[0]!.requestId === '0') await first.promise;
    return batch;
  }, true);
  buffer.add(done(0));
  await until('the first batch', () => sent.length === 1);
  for (let i = 1; i < WORTH_A_LANE; i++) buffer.add(done(i));
  await new Promise(setImmediate);
  expect(sent).toHaveLength(1);
  buffer.add(done(WORTH_A_LANE));
  await until('the second batch', () => sent.length === 2);
  first.resolve();
  await emptied(buffer);
  expect(sent.map((batch) => batch.length)).toEqual([1, WORTH_A_LANE]);
});

test('the last of a backlog is divided, so that nobody waits for one transaction while the other connection is idle', async () => {
  const both = Promise.withResolvers<void>();
  const { buffer, sent } = bufferOver(async (batch) => {
    if (sent.length === 2) both.resolve();
    await both.promise;
    return batch;
  });
  for (let i = 0; i < SETTLE_BOUNDS.rows; i++) buffer.add(done(i));
  await emptied(buffer);
  expect(sent.map((batch) => batch.length)).toEqual([SETTLE_BOUNDS.rows / 2, SETTLE_BOUNDS.rows / 2]);
});

test('none is left lying that comes as the last batch is answered, in whichever moment', async () => {
  for (let moment = 0; moment < 15; moment++) {
    const late = async (buffer: SettleBuffer) => {
      for (let i = 0; i < moment; i++) await null;
      buffer.add(done(2));
    };
    const added = Promise.withResolvers<void>();
    const { buffer, answers } = bufferOver(
      async (batch) => batch,
      true,
      silent,
      ({ requestId }) => {
        if (requestId === '1') void late(buffer).then(added.resolve);
      },
    );
    buffer.add(done(1));
    await added.promise;
    await emptied(buffer);
    expect(answers, `${moment} moments later`).toHaveLength(2);
  }
});

describe('answers', () => {
  test('an id that does not come back was fenced', async () => {
    const { buffer, answers } = bufferOver(async (batch) => batch.filter(({ requestId }) => requestId !== '2'));
    for (const id of [1, 2, 3]) buffer.add(done(id));
    await emptied(buffer);
    expect(answers).toEqual([
      ['1', 'written'],
      ['2', 'fenced'],
      ['3', 'written'],
    ]);
  });

  test('a lost connection is tried again until the database answers', async () => {
    let calls = 0;
    const { buffer, answers } = bufferOver(async (batch) => {
      if (++calls < 3) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      return batch;
    });
    buffer.add(done(1));
    await emptied(buffer);
    expect(calls).toBe(3);
    expect(answers).toEqual([['1', 'written']]);
  });

  test('a result that cannot be stored fails alone, and its mates are written', async () => {
    const { buffer, answers, sent } = bufferOver(async (batch) => {
      if (batch.some(({ result }) => result?.includes('\0')))
        throw Object.assign(new Error('invalid byte'), { code: '22021' });
      return batch;
    });
    for (let i = 0; i < 9; i++) buffer.add(done(i, i === 4 ? 'a\0b' : 'fine'));
    await emptied(buffer);
    expect(answers.map(([, answer]) => answer)).toEqual(Array(9).fill('written'));
    expect(sent.flat().filter(({ requestId, outcome }) => requestId === '4' && outcome === 'failed')).toHaveLength(1);
    expect(sent.flat().filter(({ requestId, outcome }) => requestId !== '4' && outcome === 'failed')).toEqual([]);
  });

  test('a failure that cannot be stored either is given up, not sent for ever', async () => {
    const { buffer, answers } = bufferOver(async () => {
      throw Object.assign(new Error('value too long'), { code: '22001' });
    });
    buffer.add(done(1));
    await emptied(buffer);
    expect(answers).toEqual([['1', 'refused']]);
  });
});

test('many failures refused in a row pause the claims and are told once, until the database takes an outcome', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  let mended = false;
  const { buffer, answers } = bufferOver(
    async (batch) => {
      if (!mended) throw Object.assign(new Error('invalid input syntax'), { code: '22P02' });
      return batch;
    },
    false,
    log,
  );
  const told = (event: string) => lines.filter(({ msg }) => msg === event);
  for (let i = 0; i < 9; i++) buffer.add(done(i));
  await emptied(buffer);
  expect([buffer.paused, told('outcome refused').length]).toEqual([false, 18]);
  for (let i = 10; i < 200; i++) buffer.add(done(i));
  await emptied(buffer);
  expect(answers.filter(([, answer]) => answer === 'refused')).toHaveLength(199);
  expect(buffer.paused).toBe(true);
  expect(told('outcome refused')).toHaveLength(20);
  expect(told('settling paused')).toEqual([expect.objectContaining({ reason: 'Error: invalid input syntax' })]);
  mended = true;
  buffer.add(done(200));
  await emptied(buffer);
  expect(buffer.paused).toBe(false);
  // As if it had never been: nine more are told one by one.
  mended = false;
  for (let i = 300; i < 309; i++) buffer.add(done(i));
  await emptied(buffer);
  expect([buffer.paused, told('outcome refused').length]).toEqual([false, 38]);
});

test('outcomes that were fenced are one line of the log a batch, with their number and the first ids', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { buffer, answers, sent } = bufferOver(async (batch) => batch.slice(0, 1), false, log);
  for (let i = 0; i < 40; i++) buffer.add(done(i));
  await emptied(buffer);
  expect(sent).toHaveLength(1);
  expect(answers.filter(([, answer]) => answer === 'fenced')).toHaveLength(39);
  const requestIds = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];
  expect(lines).toEqual([expect.objectContaining({ msg: 'outcome not taken', requests: 39, requestIds })]);
});

test('waiting for the last answers ends at its signal, also while the database is away', async () => {
  const { buffer } = bufferOver(async () => {
    throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  }, true);
  buffer.add(done(1));
  const signal = AbortSignal.timeout(100);
  // One that looked again and again would let no timer fire, that of this test neither.
  const race = vi.spyOn(Promise, 'race');
  onTestFinished(() => race.mockRestore());
  signal.addEventListener('abort', () => {
    let looks = 0;
    race.mockImplementation(() => (++looks > 100 ? Promise.reject(new Error('looks for ever')) : Promise.resolve()));
  });
  await buffer.emptied(signal);
  await buffer.close();
});

test('closing gives up what the database has not answered', async () => {
  const { buffer, answers, sent } = bufferOver(async () => {
    throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  }, true);
  buffer.add(done(1));
  await until('a try', () => sent.length > 0);
  await buffer.close();
  expect(answers).toEqual([]);
});
