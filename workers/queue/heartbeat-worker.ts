// heartbeat_worker: the worker's row in steadytext_workers, and the models it serves in steadytext_models.

import type { QueueDatabase } from './database.ts';

/** Closed set: starting (models load), running, draining. A retired worker has no row. */
export type WorkerState = 'starting' | 'running' | 'draining';

export interface ServedModel {
  readonly name: string;
  readonly kind: 'text' | 'embedding' | 'reranking';
  /** Null for a provider's. */
  readonly digest: string | null;
  readonly maxTokens: number;
  readonly dimension: number | null;
}

export interface EngineReport {
  readonly pid: number;
  readonly state: 'starting' | 'ready' | 'dead';
  readonly residentBytes: number;
  readonly running: number;
  readonly restarts: number;
  /** Since the worker's start; ages in milliseconds by the worker's clock, null where there is nothing to tell. */
  readonly requests: number;
  readonly errors: number;
  readonly meanMs: number | null;
  readonly idleMs: number | null;
  /** As the engine last told. `bytes`: what it takes while it is open. */
  readonly models: readonly {
    readonly name: string;
    readonly resident: boolean;
    readonly loadMs: number;
    readonly bytes: number;
    readonly threads: number;
    readonly format: string;
    readonly idleMs: number | null;
  }[];
}

export interface Heartbeat {
  readonly workerId: string;
  readonly name: string;
  readonly state: WorkerState;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly engines: readonly EngineReport[];
  readonly models: readonly ServedModel[];
  readonly machine: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly workerBytes: number;
  };
}

export async function heartbeatWorker(db: QueueDatabase, heartbeat: Heartbeat): Promise<void> {
  const models = heartbeat.models.map(({ maxTokens, ...model }) => ({ ...model, max_tokens: maxTokens }));
  await db.query(`select ${db.privateSchema}.heartbeat_worker($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
    heartbeat.workerId,
    heartbeat.state,
    heartbeat.host,
    heartbeat.pid,
    heartbeat.version,
    JSON.stringify(heartbeat.engines),
    JSON.stringify(models),
    heartbeat.name,
    JSON.stringify(heartbeat.machine),
  ]);
}
