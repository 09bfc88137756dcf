import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EngineSeat } from '../../workers/fleet/engine-seat.ts';
import type { MortalEngine, StartEngine } from '../../workers/fleet/mortal-engine.ts';
import { createLogger, type Logger } from '../../workers/log.ts';
import { echoEngineProcess } from '../fault/support/echo-engine-process.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { silent, until } from './support/parts.ts';

const seatOf = (startEngine: StartEngine, log: Logger = silent) =>
  new EngineSeat({ startEngine, models: async () => ECHO_MODELS, log, onChange: () => undefined });

/** A seat whose engines die when the test says so. */
async function mortalSeat(log?: Logger) {
  const engines: EchoEngine[] = [];
  const seat = seatOf(async () => {
    engines.push(echoEngine());
    return engines.at(-1)!;
  }, log);
  await seat.start();
  onTestFinished(() => seat.close(0));
  const ready = (count: number) =>
    until(`engine ${count} is ready`, () => engines.length === count && seat.state === 'ready');
  return { seat, engines, ready };
}

const forever = () => new Promise<never>(() => undefined);

test('an engine whose answer came while this process stood still is not taken for a silent one', async () => {
  const seat = seatOf(() => echoEngineProcess(0));
  await seat.start();
  onTestFinished(() => seat.close(0));
  const answer = seat.describe(50);
  // The engine answers meanwhile; the timer is over before this process reads it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  expect(await answer).toMatchObject({ pid: seat.pid });
});

describe('closing', () => {
  test('ends an engine that was on its way: nothing is left when it comes', async () => {
    const engine = echoEngine();
    const coming = Promise.withResolvers<MortalEngine>();
    const asked = Promise.withResolvers<void>();
    const seat = seatOf(() => {
      asked.resolve();
      return coming.promise;
    });
    const start = seat.start();
    await asked.promise;
    await seat.close(0);
    coming.resolve(engine);
    await expect(start).rejects.toMatchObject({ name: 'EngineDied', message: 'the worker is ending' });
    expect(await engine.exited).toMatchObject({ signal: 'SIGKILL' });
    expect([seat.state, seat.models]).toEqual(['dead', []]);
  });

  test('ends an engine that does not end by itself within its time', async () => {
    const engine = echoEngine();
    const seat = seatOf(async () => ({ ...engine, close: forever }));
    await seat.start();
    await seat.close(20);
    expect(await engine.exited).toMatchObject({ signal: 'SIGKILL' });
  });
});

test('closed while its models are made, starts no engine', async () => {
  let started = 0;
  const seat = seatOf(async () => {
    started++;
    return echoEngine();
  });
  const start = seat.start();
  await seat.close(0);
  await expect(start).rejects.toMatchObject({ name: 'EngineDied', message: 'the worker is ending' });
  expect(started).toBe(0);
});

describe('an engine that ends', () => {
  test.each([
    [{ code: 3 }, 'the engine ended with status 3 while it ran this request'],
    [{ signal: 'SIGKILL' }, 'the engine was ended by signal SIGKILL while it ran this request'],
  ] as const)('with a request in it, by %j, is told as that', async (exit, message) => {
    const engine = echoEngine();
    const seat = seatOf(async () => engine);
    await seat.start();
    const run = seat.occupy(1, () => new Promise(() => undefined));
    engine.crash(exit);
    await expect(run).rejects.toMatchObject({ name: 'EngineDied', message });
    await seat.close(0);
  });

  test('while it loads its models is told as one that did not start', async () => {
    const engine = echoEngine();
    const load = () => {
      engine.crash({ code: 3 });
      return new Promise<never>(() => undefined);
    };
    const start = seatOf(async () => ({ ...engine, load })).start();
    await expect(start).rejects.toMatchObject({
      name: 'EngineDied',
      message: 'the engine did not start: it ended with status 3',
    });
  });

  test('by a signal of the kernel is told with what mostly is the reason', async () => {
    const engine = echoEngine();
    const load = () => {
      engine.kill();
      return new Promise<never>(() => undefined);
    };
    const start = seatOf(async () => ({ ...engine, load })).start();
    await expect(start).rejects.toMatchObject({
      message: 'the engine did not start: it was ended by signal SIGKILL',
      hint: expect.stringMatching(/memory.*STEADYTEXT_ENGINES or STEADYTEXT_KV_CACHE_MB/),
    });
  });
});

describe('the engine that follows one that died', () => {
  test('begins with nothing to do: the work that died with the other is not counted in it, nor off from it', async () => {
    const { seat, engines, ready } = await mortalSeat();
    const lost = seat.occupy(2, forever);
    expect(seat.load).toBe(2);
    engines[0]!.crash({ code: 3 });
    await expect(lost).rejects.toMatchObject({ name: 'EngineDied' });
    await ready(2);
    expect(seat.load).toBe(0);
    await seat.occupy(1, async () => expect(seat.load).toBe(1));
    expect(seat.load).toBe(0);
  });

  test('is not said to have hung when the kernel ends it, though the other was ended for that', async () => {
    const { seat, engines, ready } = await mortalSeat();
    const hung = seat.occupy(1, forever);
    seat.kill('no progress', 'made no progress for 0.3 s');
    await expect(hung).rejects.toMatchObject({
      message: 'the engine made no progress for 0.3 s and was ended while it ran this request',
    });
    await ready(2);
    const run = seat.occupy(1, forever);
    engines[1]!.crash({ signal: 'SIGKILL' });
    await expect(run).rejects.toMatchObject({
      message: 'the engine was ended by signal SIGKILL while it ran this request',
      hint: expect.stringMatching(/memory/),
    });
  });

  test('waits the longer the more have died young in a row, and not at all after one that lived for over a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const died: unknown[] = [];
    const write = (line: string) => {
      const { msg, deaths, restartInMs } = JSON.parse(line);
      if (msg === 'engine died') died.push([deaths, restartInMs]);
    };
    const { engines, ready } = await mortalSeat(createLogger('warn', { write }));
    for (const [i, livedMs] of [0, 60_000, 60_001, 0].entries()) {
      vi.advanceTimersByTime(livedMs);
      engines[i]!.crash({ signal: 'SIGKILL' });
      await ready(i + 2);
    }
    expect(died).toEqual([
      [1, 0],
      [2, 500],
      [1, 0],
      [2, 500],
    ]);
  });
});
