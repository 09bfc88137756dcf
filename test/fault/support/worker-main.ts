// A worker in a process of its own, as the command starts it, with echo engines in processes of their own.

import { environment, loadConfig } from '../../../workers/config.ts';
import { startWorker } from '../../../workers/fleet/worker.ts';
import { holdYoungGeneration } from '../../../workers/fleet/young-generation.ts';
import { HANDLERS } from '../../../workers/handlers/index.ts';
import { createLogger } from '../../../workers/log.ts';
import { ECHO_MODELS } from '../../fleet/support/echo-models.ts';
import { echoEngineProcess } from './echo-engine-process.ts';

holdYoungGeneration();
const env = environment();
const worker = await startWorker({
  config: loadConfig(env, {}, ['databaseUrl']),
  log: createLogger('info'),
  version: 'fault test',
  handlers: HANDLERS,
  models: async () => ECHO_MODELS,
  startEngine: () => echoEngineProcess(Number(env.ECHO_DELAY_MS ?? 0)),
});

let signals = 0;
process.on('SIGTERM', async () => {
  if (++signals === 1) await worker.drain();
  else await worker.stopNow();
  process.exit(signals === 1 ? 0 : 1);
});
process.on('disconnect', () => process.exit(0));
process.on('message', (ask) => {
  if (ask === 'stats')
    process.send!({ kind: 'stats', stats: worker.stats(), residentBytes: process.memoryUsage.rss() });
});
process.send!({ kind: 'ready', id: worker.id });
