// Runs the periodic work through pg-boss, so that one worker of the fleet does each task when it is due. Requests do not
// depend on it: whatever happens here is logged and never ends the worker.

import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Logger } from '../log.ts';
import type { AuditKey } from '../queue/audit-signature.ts';
import { QueueClient } from '../queue/client.ts';
import { isConnectionLost } from '../queue/error-map.ts';
import { namesOf } from '../queue/migrate/names.ts';
import { primaryAddress } from '../queue/primary-address.ts';
import { MAINTENANCE_TASKS, type MaintenanceTask } from './queues.ts';
import { TASKS } from './tasks.ts';

export interface MaintenanceOptions {
  readonly url: string;
  readonly schema: string;
  readonly log: Logger;
  /** How soon a due task is noticed. */
  readonly pollSeconds?: number;
  /** A statement of a task may take so long: a prune of a large page, statistics of a large table. */
  readonly statementMs?: number;
  /** Those that seals of the audit log are signed with; none where they are left out. */
  readonly auditKeys?: readonly AuditKey[];
}

export interface Maintenance {
  /** Whether pg-boss runs. */
  readonly running: boolean;
  stop(): Promise<void>;
}

const RETRY_MS = 30_000;
/** Several polls of pg-boss without an error: the server was back in between. */
const OVER_AFTER_MS = 120_000;

/** Starts in the background and tries again until it runs. */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { url, schema, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const db = new QueueClient({
    url,
    privateSchema: namesOf(schema).privschema,
    name: 'steadytext maintenance',
    timeoutMs: options.statementMs ?? 300_000,
  });
  let boss: PgBoss | null = null;
  let address = url;
  /** pg-boss stays with the one server that it was given: of several, another may be the primary since. */
  let moving: Promise<void> | null = null;
  const move = async () => {
    if ((await primaryAddress(url)) === address) return;
    await boss?.stop({ graceful: false }).catch(() => undefined);
    boss = null;
    await start();
  };
  const lost = () => {
    if (boss === null || signal.aborted) return;
    moving ??= move()
      .catch(() => undefined)
      .finally(() => {
        moving = null;
      });
  };

  const start = async () => {
    while (!signal.aborted) {
      try {
        address = await primaryAddress(url);
        boss = await startBoss({ ...options, url: address }, db, lost);
        return;
      } catch (error) {
        log.warn({ err: error, retryInMs: RETRY_MS }, 'maintenance did not start');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  // Not left to the schedule alone: a fleet that was away for weeks would write to the default partitions until then.
  const starting = runTask('partitions', db, log, [])
    .catch(() => undefined)
    .then(start);

  return {
    get running() {
      return boss !== null;
    },
    async stop() {
      stopping.abort();
      await starting;
      await moving;
      await boss?.stop({ graceful: true, timeout: 3000 }).catch((error) => log.warn({ err: error }, 'pg-boss stop'));
      await db.close();
    },
  };
}

async function startBoss(options: MaintenanceOptions, db: QueueClient, lost: () => void): Promise<PgBoss> {
  const { url, schema, log, pollSeconds = 20, auditKeys = [] } = options;
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'steadytext pg-boss',
    schema: namesOf(schema).bossschema,
    max: 2,
    // All that needs ownership is migrate's work.
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
  });
  // It asks a server that is away every few seconds: told once for each time away. What it emits is not always an Error.
  let lastLoss = Number.NEGATIVE_INFINITY;
  boss.on('error', (error) => {
    const now = performance.now();
    const known = isConnectionLost(error) && now - lastLoss < OVER_AFTER_MS;
    if (isConnectionLost(error)) {
      lastLoss = now;
      lost();
    }
    if (!known) log.warn({ reason: error.message }, 'pg-boss');
  });
  try {
    await boss.start();
    for (const name of MAINTENANCE_TASKS) {
      await boss.work(name, { pollingIntervalSeconds: pollSeconds }, () => runTask(name, db, log, auditKeys));
      await boss.schedule(name, TASKS[name].cron, null, { tz: 'UTC' });
    }
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw error;
  }
}

async function runTask(name: MaintenanceTask, db: QueueClient, log: Logger, keys: readonly AuditKey[]): Promise<void> {
  const began = performance.now();
  try {
    await TASKS[name].run(db, log, keys);
    log.debug({ task: name, ms: Math.round(performance.now() - began) }, 'maintenance done');
  } catch (error) {
    log.warn({ err: error, task: name }, 'maintenance failed');
    throw error;
  }
}
