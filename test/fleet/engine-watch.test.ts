// The pool asks its engines how they are: which ones it ends, and which it leaves alone.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { EnginePool } from '../../workers/fleet/engine-pool.ts';
import type { MortalEngine } from '../../workers/fleet/engine-seat.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS, ECHO_TEXT_MODEL } from './support/echo-models.ts';
import { silent, until } from './support/parts.ts';

const STALL_MS = 1000;
const LOAD_MS = 5000;

// Only this clock stands until it is moved: how long an engine has made no progress is what the test says.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

async function poolOf(
  models: readonly ModelFolder[] = ECHO_MODELS,
  change: (engine: EchoEngine) => Partial<MortalEngine> = () => ({}),
) {
  const engines: EchoEngine[] = [];
  const pool = new EnginePool({
    engines: 1,
    timings: { engineSilenceMs: 200, engineLoadMs: LOAD_MS, engineStallMs: STALL_MS },
    models: async () => models,
    log: silent,
    startEngine: async () => {
      const engine = echoEngine();
      engines.push(engine);
      return { ...engine, ...change(engine) };
    },
    onChange: () => undefined,
  });
  onTestFinished(() => pool.close(0));
  await pool.start();
  const seat = pool.seats[0]!;
  return { pool, seat, engines };
}

/** Weights in a place of their own, as an engine has them mapped. */
function modelWithWeights(asFolder = false): { model: ModelFolder; weights: string } {
  const path = mkdtempSync(join(tmpdir(), 'steadytext-watch-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const weights = join(path, 'graph.data');
  if (asFolder) mkdirSync(weights);
  else writeFileSync(weights, 'weights');
  const files = { 'graph.data': { sha256: '0'.repeat(64), bytes: 7 } };
  return { model: { path, description: { ...ECHO_TEXT_MODEL.description, files } }, weights };
}

const forever = () => new Promise<never>(() => undefined);

test('an engine without work is left alone however long it stands', async () => {
  const { pool, seat, engines } = await poolOf();
  vi.advanceTimersByTime(10 * STALL_MS);
  await pool.watch();
  expect([seat.state, engines.length]).toEqual(['ready', 1]);
});

test('one with work is ended when it takes no turn at it for too long, and its requests say so', async () => {
  let turnsTaken = 0;
  const { pool, seat, engines } = await poolOf(ECHO_MODELS, (engine) => ({
    describe: async () => ({ ...(await engine.describe()), turnsTaken }),
  }));
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  for (let turn = 0; turn < 5; turn++) {
    // A long prompt: nothing ends, but turns are taken.
    vi.advanceTimersByTime(0.9 * STALL_MS);
    turnsTaken++;
    await pool.watch();
  }
  expect([seat.state, engines.length]).toEqual(['ready', 1]);
  vi.advanceTimersByTime(1.1 * STALL_MS);
  await pool.watch();
  await expect(run).rejects.toMatchObject({
    name: 'EngineDied',
    message: 'the engine made no progress for 1 s and was ended while it ran this request',
  });
});

test('why an engine was ended is told where the engine itself only says that it has ended', async () => {
  const buried = Promise.withResolvers<void>();
  // A process's channel breaks before its end is known.
  const { seat, engines } = await poolOf(ECHO_MODELS, ({ exited }) => ({ exited: buried.promise.then(() => exited) }));
  seat.kill('no answer', 'gave no answer for 0.2 s');
  const embed = () => engines[0]!.embed({ model: 'all-minilm-l6-v2', texts: ['x'] });
  await expect(embed()).rejects.toMatchObject({ name: 'EngineDied', message: 'the engine has ended' });
  const run = seat.occupy(1, async () => void (await embed()));
  // Nothing waits for a clock: it is rejected within this many turns if by the engine's own word.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  buried.resolve();
  await expect(run).rejects.toMatchObject({
    name: 'EngineDied',
    message: 'the engine gave no answer for 0.2 s and was ended while it ran this request',
  });
});

test('where weights cannot be read any more, a silent engine is ended all the same', async () => {
  const { model, weights } = modelWithWeights(true);
  const { pool, seat } = await poolOf([model], () => ({ describe: describeOnce() }));
  writeFileSync(join(weights, 'x'), 'another time of change, and reading it is an error');
  await expect(seat.modelsChanged()).rejects.toThrow('EISDIR');
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  await pool.watch();
  await expect(run).rejects.toMatchObject({ message: expect.stringContaining('gave no answer for 0.2 s') });

  /** Its first answer is the one that it is started with. */
  function describeOnce(): MortalEngine['describe'] {
    const engine = echoEngine();
    let asked = 0;
    return () => (asked++ === 0 ? engine.describe() : forever());
  }
});

test.runIf(process.platform === 'linux')('weights of engines that have ended are not held any more', async () => {
  const { model, weights } = modelWithWeights();
  const { seat, engines } = await poolOf([model]);
  for (let died = 1; died <= 3; died++) {
    engines[died - 1]!.crash({ signal: 'SIGKILL' });
    vi.advanceTimersByTime(120_000);
    await until('the next engine is ready', () => engines.length === died + 1 && seat.state === 'ready');
  }
  expect(held(weights)).toBe(1);
  await seat.close(0);
  expect(held(weights)).toBe(0);
});

function held(path: string): number {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name === path).length;
}
