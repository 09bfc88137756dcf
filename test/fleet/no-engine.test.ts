// A worker whose engines do not come up again: it says so, and gives up after a while.

import { expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const GONE = new SteadyTextError('ModelUnavailable', 'expected the model, got none', { hint: 'Fetch it.' });

async function workerThatLosesItsModels(timings: { mostHeartbeatsWithoutEngine: number }) {
  const engines: EchoEngine[] = [];
  let there = true;
  const worker = await startTestWorker(database, {
    timings: { heartbeatMs: 20, ...timings },
    models: async () => {
      if (!there) throw GONE;
      return ECHO_MODELS;
    },
    startEngine: async () => {
      engines.push(echoEngine());
      return engines.at(-1)!;
    },
  });
  const state = async () => {
    const text = 'select state from steadytext_workers where worker_id = $1';
    const [row] = await database.query(database.superuserUrl, text, [worker.id]);
    return row.state;
  };
  const lose = () => {
    there = false;
    engines.at(-1)!.crash({ signal: 'SIGKILL' });
  };
  const bring = () => {
    there = true;
  };
  return { worker, state, lose, bring };
}

test('it is not running meanwhile, and is again as soon as one comes up', async () => {
  const { worker, state, lose, bring } = await workerThatLosesItsModels({ mostHeartbeatsWithoutEngine: 1000 });
  expect(await state()).toBe('running');
  lose();
  await waitFor(async () => (await state()) === 'starting', 'the worker to say that it has no engine');
  expect(worker.stats().engines).toMatchObject([{ state: 'dead', pid: 0 }]);
  bring();
  await waitFor(async () => (await state()) === 'running', 'the worker to say that it runs');
});

test('after too long it gives up, with the reason and what to do', async () => {
  const { worker, lose } = await workerThatLosesItsModels({ mostHeartbeatsWithoutEngine: 5 });
  lose();
  expect(await worker.crippled).toMatchObject({
    name: 'EngineDied',
    message: 'expected an engine to come up within 0 minutes, none did; the last try: expected the model, got none',
    hint: 'Fetch it.',
  });
});
