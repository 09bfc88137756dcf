// The worker as it is shipped: engines in processes of their own, every request type, and the maintenance beside it.

import { HANDLERS } from '../handlers/index.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import { startMaintenance } from '../maintenance/maintenance.ts';
import { readAuditKeys } from '../queue/audit-signature.ts';
import { engineProcesses, hubEngineProcess } from './engine-processes.ts';
import { startWorker, type Worker, type WorkerOptions } from './worker.ts';

export interface StandardWorkerOptions extends Omit<WorkerOptions, 'handlers' | 'startEngine' | 'hub'> {
  /** Folders of models of the hub, as `models`; left out where there are none. */
  readonly hubModels?: ((signal: AbortSignal) => Promise<readonly ModelFolder[]>) | undefined;
}

export async function startStandardWorker(options: StandardWorkerOptions): Promise<Worker> {
  const { config, log } = options;
  const auditKeys = readAuditKeys(config);
  const startEngine = engineProcesses({
    slots: config.generateSlots,
    cacheBytes: config.kvCacheMb * 2 ** 20,
    prefixBytes: config.prefixCacheMb * 2 ** 20,
    guesses: config.guessedTokens,
    threads: config.engineThreads,
    ...(config.engineMemoryMb !== undefined && { modelBytes: config.engineMemoryMb * 2 ** 20 }),
  });
  const hub = options.hubModels && { models: options.hubModels, startEngine: hubEngineProcess };
  const worker = await startWorker({ ...options, handlers: HANDLERS, startEngine, hub });
  const maintenance = startMaintenance({ url: config.databaseUrl, schema: config.schema, log, auditKeys });
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
