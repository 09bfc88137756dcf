// What `steadytext status` shows: workers, queue and models, as far as the login may see them.

import { sqlStateOf } from '../error-map.ts';
import type { ApiConnection } from './api-connection.ts';

export interface WorkerStatus {
  readonly worker_id: string;
  readonly name: string;
  readonly state: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly alive: boolean;
  readonly heartbeat_seconds: number;
  /** As its engines were heard of last. */
  readonly engines: readonly EngineStatus[];
  readonly models: readonly { readonly name: string }[];
}

export interface EngineStatus {
  readonly pid: number;
  readonly state: string;
  /**
   * As `threads` left out by a worker of an older release. `resident`: open, and not closed to make room for others. `threads`: of a
   * run, fewer than the engine was given where more would change bytes.
   */
  readonly models?: readonly { readonly name: string; readonly resident: boolean; readonly threads?: number }[];
}

export interface QueueCount {
  readonly request_type: string;
  readonly model: string;
  /** As in the queue, but scheduled for what is pending and not due yet: enqueued for later, or backing off. */
  readonly status: string;
  /** Of completed and cancelled ones, those that ended within the last hour. */
  readonly requests: number;
  /** Age of the oldest, in seconds, of what still waits or runs; null for what is scheduled or has ended. */
  readonly oldest_seconds: number | null;
}

export interface ModelStatus {
  readonly name: string;
  readonly kind: string;
  readonly is_default: boolean;
  readonly digest: string | null;
}

export interface FleetStatus {
  readonly login: string;
  /** Whose requests the queue's counts are of. */
  readonly scope: 'all' | 'own';
  /** A part is null when this login may not see it; `hidden` says why. */
  readonly workers: readonly WorkerStatus[] | null;
  readonly queue: readonly QueueCount[] | null;
  readonly models: readonly ModelStatus[] | null;
  /** Whether workers begin nothing until somebody resumes them. */
  readonly paused: boolean | null;
  readonly hidden: readonly string[];
}

/** A worker whose row is older has ended without a goodbye, or cannot reach the database. */
const ALIVE_SECONDS = 30;

/** Of completed and cancelled requests: all that are kept could only be counted by reading them. */
const FINISHED_SINCE = `statement_timestamp() - interval '1 hour'`;

export async function readFleetStatus(db: ApiConnection): Promise<FleetStatus> {
  const hidden: string[] = [];
  const part = async <Row>(name: string, text: string, values: readonly unknown[] = []) => {
    try {
      return await db.query<Row>(text, values);
    } catch (error) {
      if (sqlStateOf(error) !== '42501') throw error;
      hidden.push(`${name}: ${(error as Error).message}`);
      return null;
    }
  };
  const [who] = await db.query<{ login: string; sees_all: boolean }>(
    `select current_user as login, has_function_privilege($1, 'execute') as sees_all`,
    [`${db.schema}.steadytext_queue_counts()`],
  );
  return {
    login: who!.login,
    scope: who!.sees_all ? 'all' : 'own',
    workers: await part<WorkerStatus>(
      'workers',
      `select worker_id, name, state, host, pid, version, engines, models,
              floor(extract(epoch from clock_timestamp() - heartbeat_at))::float8 as heartbeat_seconds,
              heartbeat_at > clock_timestamp() - make_interval(secs => $1) as alive
         from ${db.schema}.steadytext_workers
        order by name, host, pid`,
      [ALIVE_SECONDS],
    ),
    queue: await part<QueueCount>(
      'queue',
      `select request_type, model, status, requests::float8 as requests,
              case when status in ('pending', 'processing')
                   then floor(extract(epoch from clock_timestamp() - oldest_created_at))::float8 end as oldest_seconds
         from ${who!.sees_all ? allCounts(db.schema) : `${db.schema}.steadytext_own_counts`}
        order by request_type, model, status`,
    ),
    models: await part<ModelStatus>(
      'models',
      `select name, kind, is_default, digest from ${db.schema}.steadytext_models order by kind, name`,
    ),
    paused:
      (
        await part<{ paused: boolean }>(
          'pause',
          `select (details ->> 'paused')::boolean as paused from ${db.schema}.check_daemon_health()`,
        )
      )?.[0]?.paused ?? null,
    hidden,
  };
}

/** The functions for whoever measures. Failed requests are in both. */
function allCounts(schema: string): string {
  return `(select request_type, model, status, requests, oldest_created_at from ${schema}.steadytext_queue_counts()
           union all
           select request_type, model, status, requests, null from ${schema}.steadytext_finished_counts(${FINISHED_SINCE})
            where status <> 'failed') as all_users`;
}

/** Models that have work waiting or scheduled or are a default, and that no live worker serves; null when workers cannot be seen. */
export function unservedModels(status: FleetStatus): string[] | null {
  const { workers, models, queue } = status;
  if (workers === null || models === null) return null;
  const served = new Set(
    workers.filter(({ alive }) => alive).flatMap((worker) => worker.models.map(({ name }) => name)),
  );
  const waiting = (queue ?? [])
    .filter(({ status }) => status === 'pending' || status === 'scheduled')
    .map((row) => row.model);
  const wanted = new Set([...models.filter((model) => model.is_default).map(({ name }) => name), ...waiting]);
  return [...wanted].filter((name) => !served.has(name)).sort();
}
