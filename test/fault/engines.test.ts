import { describe, expect, onTestFinished, test } from 'vitest';
import { EnginePool } from '../../workers/fleet/engine-pool.ts';
import { engineProcesses } from '../../workers/fleet/engine-processes.ts';
import { createLogger } from '../../workers/log.ts';
import { ECHO_MODELS } from '../fleet/support/echo-models.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { echoEngineProcess } from './support/echo-engine-process.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from './support/requests.ts';
import { startWorkerProcess } from './support/worker-process.ts';

const database = useDatabase();

describe('an engine that is killed in the middle of a batch', () => {
  test('is replaced, and all requests finish', async () => {
    const worker = await startWorkerProcess(database.workerUrl, { STEADYTEXT_ENGINES: '2', ECHO_DELAY_MS: '20' });
    const [first] = (await worker.stats()).stats.engines;
    const ids = await enqueueEmbeds(database, texts(100));
    await waitFor(async () => (await countIn(database, ids, 'processing')) === 100, 'both engines to be busy');
    process.kill(first!.pid, 'SIGKILL');
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 100, 'all to finish');

    const fates = await fatesOf(database, ids);
    expect(fates.filter(({ logged, audited }) => logged !== 1 || audited !== 1)).toEqual([]);
    // Those it had ran again, each by itself and with no attempt used; those of the other engine were not touched.
    const hit = fates.filter(({ isolated }) => isolated);
    expect(hit.length).toBeGreaterThan(0);
    expect(hit.length).toBeLessThan(100);
    expect(fates.filter(({ retry_count }) => retry_count !== 0)).toEqual([]);
    const engines = (await worker.stats()).stats.engines;
    expect(engines.map(({ state }) => state)).toEqual(['ready', 'ready']);
    expect(engines.map(({ restarts }) => restarts)).toEqual([1, 0]);
    expect(engines[0]!.pid).not.toBe(first!.pid);
  });
});

describe('an engine that answers nothing', () => {
  test('is ended and replaced, and the request in it is told why', async () => {
    const lines: object[] = [];
    const pool = new EnginePool({
      engines: 1,
      timings: { engineSilenceMs: 300, engineLoadMs: 60_000, engineStallMs: 600_000 },
      models: async () => ECHO_MODELS,
      log: createLogger('error', { write: (line: string) => void lines.push(JSON.parse(line)) }),
      startEngine: () => echoEngineProcess(0),
      onChange: () => undefined,
    });
    await pool.start();
    onTestFinished(() => pool.close(0));
    const [seat] = pool.seats;
    const { pid } = seat!;
    await pool.watch();
    expect([seat!.state, seat!.pid, lines]).toEqual(['ready', pid, []]);

    process.kill(pid, 'SIGSTOP');
    const run = seat!.occupy(1, () => new Promise(() => undefined));
    const told = expect(run).rejects.toMatchObject({
      name: 'EngineDied',
      message: 'the engine gave no answer for 0.3 s and was ended while it ran this request',
    });
    await pool.watch();
    await told;
    await waitFor(() => seat!.state === 'ready' && seat!.pid !== pid, 'another engine in its place');
    expect(lines).toEqual([expect.objectContaining({ msg: 'engine killed', reason: 'no answer', engine: pid })]);
  });
});

test('an engine that is closed while it is asked how it is is not taken for a silent one', async () => {
  const lines: object[] = [];
  const pool = new EnginePool({
    engines: 1,
    timings: { engineSilenceMs: 600_000, engineLoadMs: 60_000, engineStallMs: 600_000 },
    models: async () => [],
    log: createLogger('warn', { write: (line: string) => void lines.push(JSON.parse(line)) }),
    startEngine: engineProcesses({}),
    onChange: () => undefined,
  });
  await pool.start();
  await Promise.all([pool.watch(), pool.close(10_000)]);
  expect(lines).toEqual([]);
});

describe('a poisonous request', () => {
  test('fails alone after its attempts, and its mates finish with none used up', async () => {
    await startWorkerProcess(database.workerUrl);
    const ids = await enqueueEmbeds(database, [...texts(15, 'mate'), 'poison', ...texts(15, 'mate')]);
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 30, 'its mates to finish');
    await waitFor(async () => (await countIn(database, ids, 'failed')) === 1, 'it to fail', 60_000);
    const fates = await fatesOf(database, ids);
    expect(fates[15]).toMatchObject({ status: 'failed', prompt: 'poison', retry_count: 3, logged: 1, audited: 1 });
    expect(fates[15]!.error).toBe('EngineDied: the engine was ended by signal SIGABRT while it ran this request');
    expect(fates.filter(({ prompt, retry_count }) => prompt !== 'poison' && retry_count > 0)).toEqual([]);
    expect(fates.filter(({ isolated }) => isolated).length).toBeGreaterThan(1);
  });
});
