// The worker as it is shipped: engines in processes of their own, every request type, and the maintenance beside it.

import { HANDLERS } from '../handlers/index.ts';
import { startMaintenance } from '../maintenance/maintenance.ts';
import { engineProcesses } from './engine-processes.ts';
import { startWorker, type Worker, type WorkerOptions } from './worker.ts';

export type StandardWorkerOptions = Omit<WorkerOptions, 'handlers' | 'startEngine'>;

export async function startStandardWorker(options: StandardWorkerOptions): Promise<Worker> {
  const { config, log } = options;
  const startEngine = engineProcesses({
    slots: config.generateSlots,
    cacheBytes: config.kvCacheMb * 2 ** 20,
    prefixBytes: config.prefixCacheMb * 2 ** 20,
    guesses: config.guessedTokens,
    ...(config.engineMemoryMb !== undefined && { modelBytes: config.engineMemoryMb * 2 ** 20 }),
  });
  const worker = await startWorker({ ...options, handlers: HANDLERS, startEngine });
  const maintenance = startMaintenance({ url: config.databaseUrl, schema: config.schema, log });
  return {
    ...worker,
    async drain() {
      await Promise.all([maintenance.stop(), worker.drain()]);
    },
    async stopNow() {
      // Maintenance that is cut short is done by the next run.
      maintenance.stop().catch(() => undefined);
      await worker.stopNow();
    },
  };
}
