import { expect, onTestFinished, test } from 'vitest';
import { EnginePool } from '../../workers/fleet/engine-pool.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { silent, until } from './support/parts.ts';

test('models are asked for once for all engines that start together, and again for each that follows; a pool that waits for them is not one without engines', async () => {
  const engines: EchoEngine[] = [];
  const asked: PromiseWithResolvers<typeof ECHO_MODELS>[] = [];
  const pool = new EnginePool({
    engines: 2,
    timings: { engineSilenceMs: 1000, engineLoadMs: 1000, engineStallMs: 1000 },
    models: () => {
      asked.push(Promise.withResolvers());
      return asked.at(-1)!.promise;
    },
    log: silent,
    startEngine: async () => {
      engines.push(echoEngine());
      return engines.at(-1)!;
    },
    onChange: () => undefined,
  });
  onTestFinished(() => pool.close(0));
  const start = pool.start();
  expect(asked).toHaveLength(1);
  asked[0]!.resolve(ECHO_MODELS);
  await start;

  for (const engine of engines) engine.crash({ signal: 'SIGKILL' });
  await until('the models are asked for again', () => asked.length === 2);
  await pool.watch();
  expect(pool.emptyWatches).toBe(0);
  let failing = 0;
  await until('both starts have failed', () => {
    for (; failing < asked.length; failing++) asked[failing]!.reject(new Error('no models'));
    return pool.seats.every(({ startError }) => startError !== null);
  });
  await pool.watch();
  expect([pool.emptyWatches, pool.startError?.message]).toEqual([1, 'no models']);

  await until('the next try', () => asked.length > failing);
  // It may fail as the one before, after minutes again: that is not waited for for ever.
  await pool.watch();
  expect(pool.emptyWatches).toBe(2);
  await until('both engines are ready', () => {
    // One that comes a moment later than the other may have to ask for itself.
    for (const { resolve } of asked.slice(failing)) resolve(ECHO_MODELS);
    return pool.seats.every(({ state }) => state === 'ready');
  });
  await pool.watch();
  expect([pool.emptyWatches, pool.startError]).toEqual([0, null]);
});
