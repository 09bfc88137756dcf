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
    timings: { engineSilenceMs: 1000, engineStallMs: 1000 },
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
  asked[1]!.reject(new Error('no models'));
  await until('both starts have failed', () => pool.seats.every(({ startError }) => startError !== null));
  await pool.watch();
  expect([pool.emptyWatches, pool.startError?.message]).toEqual([1, 'no models']);

  await until('the next try', () => asked.length === 3);
  // It may fail as the one before, after minutes again: that is not waited for for ever.
  await pool.watch();
  expect(pool.emptyWatches).toBe(2);
  asked[2]!.resolve(ECHO_MODELS);
  await until('an engine is ready', () => pool.models().length > 0);
  await pool.watch();
  expect([pool.emptyWatches, pool.startError]).toEqual([0, null]);
});
