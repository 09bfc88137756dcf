// What `steadytext status` shows: workers, queue and models, as far as the login may see them.

import type { ApiConnection } from './api-connection.ts';

export interface WorkerStatus {
  readonly worker_id: string;
  readonly state: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly seconds_since_heartbeat: number;
  readonly engines: unknown;
  readonly models: unknown;
}

export interface QueueCount {
  readonly request_type: string;
  readonly status: string;
  readonly count: number;
  /** Oldest row of this kind, in seconds. */
  readonly oldest_seconds: number;
}

export interface ModelStatus {
  readonly name: string;
  readonly kind: string;
  readonly is_default: boolean;
  readonly digest: string | null;
  readonly served_by: number | null;
  readonly pending: number | null;
}

export interface FleetStatus {
  readonly login: string;
  /** Whether the queue's counts are of all users, or of this login's own requests. */
  readonly sees_all_requests: boolean;
  readonly workers: readonly WorkerStatus[] | null;
  readonly queue: readonly QueueCount[] | null;
  readonly models: readonly ModelStatus[] | null;
  /** What this login may not see, and why. */
  readonly hidden: readonly string[];
}
