// A worker with echo engines on a test database, drained when its test ends.

import { onTestFinished } from 'vitest';
import { loadConfig } from '../../../workers/config.ts';
import type { StartEngine } from '../../../workers/fleet/mortal-engine.ts';
import { startWorker, type Worker, type WorkerOptions } from '../../../workers/fleet/worker.ts';
import { HANDLERS } from '../../../workers/handlers/index.ts';
import type { TestDatabase } from '../../support/database.ts';
import { echoEngine } from './echo-engine.ts';
import { ECHO_MODELS } from './echo-models.ts';
import { silent } from './parts.ts';

export interface TestWorkerOptions extends Partial<Omit<WorkerOptions, 'config'>> {
  readonly env?: Record<string, string>;
}

export async function startTestWorker(
  database: Pick<TestDatabase, 'workerUrl'>,
  { env = {}, ...options }: TestWorkerOptions = {},
): Promise<Worker> {
  const startEngine: StartEngine = async () => echoEngine();
  const worker = await startWorker({
    config: loadConfig(
      {
        DATABASE_URL: database.workerUrl,
        STEADYTEXT_ENGINES: '1',
        STEADYTEXT_LEASE_SECONDS: '3',
        STEADYTEXT_DRAIN_SECONDS: '5',
        ...env,
      },
      {},
      ['databaseUrl'],
    ),
    log: silent,
    version: '0.0.0-test',
    handlers: HANDLERS,
    models: async () => ECHO_MODELS,
    startEngine,
    ...options,
  });
  onTestFinished(() => worker.drain());
  return worker;
}
