import { describe, expect, test } from 'vitest';
import { EngineSeat, type StartEngine } from '../../workers/fleet/engine-seat.ts';
import { echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { silent } from './support/parts.ts';

const seatOf = (startEngine: StartEngine) =>
  new EngineSeat({ startEngine, models: async () => ECHO_MODELS, log: silent, onChange: () => undefined });

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
});
