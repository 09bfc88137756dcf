import { describe, expect, onTestFinished, test } from 'vitest';
import { EngineSeat, type MortalEngine, type StartEngine } from '../../workers/fleet/engine-seat.ts';
import { echoEngineProcess } from '../fault/support/echo-engine-process.ts';
import { echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { silent } from './support/parts.ts';

const seatOf = (startEngine: StartEngine) =>
  new EngineSeat({ startEngine, models: async () => ECHO_MODELS, log: silent, onChange: () => undefined });

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
    const run = seat.occupy('embed', 1, () => new Promise(() => undefined));
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
