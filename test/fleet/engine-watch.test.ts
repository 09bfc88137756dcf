// The pool asks its engines how they are: which ones it ends, and which it leaves alone.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { EnginePool } from '../../workers/fleet/engine-pool.ts';
import type { MortalEngine } from '../../workers/fleet/mortal-engine.ts';
import type { ModelChange } from '../../workers/inference/engine.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS, ECHO_TEXT_MODEL } from './support/echo-models.ts';
import { kept, silent, until } from './support/parts.ts';

const STALL_MS = 1000;
const LOAD_MS = 5000;

// Only this clock stands until it is moved: how long an engine has made no progress is what the test says.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

async function poolOf(
  models: readonly ModelFolder[] = ECHO_MODELS,
  change: (engine: EchoEngine) => Partial<MortalEngine> = () => ({}),
  log = silent,
) {
  const engines: EchoEngine[] = [];
  let tell: (change: ModelChange) => void = () => undefined;
  const pool = new EnginePool({
    engines: 1,
    timings: { engineSilenceMs: 200, engineLoadMs: LOAD_MS, engineStallMs: STALL_MS },
    models: async () => models,
    log,
    startEngine: async (onChange) => {
      tell = onChange;
      const engine = echoEngine();
      engines.push(engine);
      return { ...engine, ...change(engine) };
    },
    onChange: () => undefined,
  });
  onTestFinished(() => pool.close(0));
  await pool.start();
  const seat = pool.seats[0]!;
  return { pool, seat, engines, tell: (change: ModelChange) => tell(change) };
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

test('one that opens a model may be silent, and take no turn, for longer, and not for ever', async () => {
  const { pool, seat, engines, tell } = await poolOf(ECHO_MODELS, (engine) => ({ describe: once(engine.describe) }));
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  tell({ change: 'opening', model: 'm' });
  vi.advanceTimersByTime(LOAD_MS);
  await pool.watch();
  expect([seat.state, engines.length]).toEqual(['ready', 1]);
  vi.advanceTimersByTime(1);
  await pool.watch();
  await expect(run).rejects.toMatchObject({ message: expect.stringContaining('gave no answer for 0.2 s') });
});

test('when it has opened the model it is watched as before, and the log says what was opened and closed', async () => {
  const { lines, log } = kept();
  const { pool, seat, tell } = await poolOf(ECHO_MODELS, (engine) => ({ describe: once(engine.describe) }), log);
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  tell({ change: 'opening', model: 'm' });
  const opened = { change: 'opened', model: 'm', ms: 700, bytes: 30 * 2 ** 20 } as const;
  tell({ ...opened, why: 'load', threads: 2 });
  tell({ ...opened, why: 'call', threads: 1, fewerThreads: 'format nb4' });
  tell({ change: 'closed', model: 'm', bytes: 30 * 2 ** 20 });
  const engine = seat.pid;
  expect(lines.filter(({ model }) => model === 'm')).toMatchObject([
    { msg: 'model loaded', engine, ms: 700, mb: 30, why: 'start', threads: 2 },
    { msg: 'model loaded', engine, ms: 700, mb: 30, why: 'request', threads: 1, fewerThreads: 'format nb4' },
    { msg: 'model unloaded', engine, mb: 30 },
  ]);
  await pool.watch();
  await expect(run).rejects.toMatchObject({ message: expect.stringContaining('gave no answer for 0.2 s') });
});

test('one that cannot open a model again is replaced; one that cannot at its start says so itself', async () => {
  const { seat, tell, engines } = await poolOf();
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  tell({ change: 'not opened', model: 'm', why: 'load' });
  expect(seat.state).toBe('ready');
  tell({ change: 'not opened', model: 'm', why: 'call' });
  await expect(run).rejects.toMatchObject({
    message: 'the engine could not open m again and was ended while it ran this request',
  });
  await until('the next engine is ready', () => engines.length === 2 && seat.state === 'ready');
});

/** Its first answer is the one that it is started with. */
function once(describe: MortalEngine['describe']): MortalEngine['describe'] {
  let asked = 0;
  return () => (asked++ === 0 ? describe() : forever());
}

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
  const { pool, seat } = await poolOf([model], ({ describe }) => ({ describe: once(describe) }));
  writeFileSync(join(weights, 'x'), 'another time of change, and reading it is an error');
  await expect(seat.modelsChanged()).rejects.toThrow('EISDIR');
  const run = seat.occupy(1, forever);
  run.catch(() => undefined);
  await pool.watch();
  await expect(run).rejects.toMatchObject({ message: expect.stringContaining('gave no answer for 0.2 s') });
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
