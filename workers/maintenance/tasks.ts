// What the periodic work is and when it is done (cron, UTC). Each task is safe to run twice, or never for a day.

import type { Logger } from '../log.ts';
import type { AuditKey } from '../queue/audit-signature.ts';
import type { QueueDatabase } from '../queue/database.ts';
import { dropPartitions } from '../queue/drop-partitions.ts';
import { extendPartitions } from '../queue/extend-partitions.ts';
import { foldTallies } from '../queue/fold-tallies.ts';
import { pruneRequests } from '../queue/prune-requests.ts';
import { refreshStatistics } from '../queue/refresh-statistics.ts';
import { tendCache } from '../queue/tend-cache.ts';
import type { MaintenanceTask } from './queues.ts';
import { sealAuditLog } from './seal-audit-log.ts';
import { takeOverSettings } from './take-over-settings.ts';

export interface Task {
  readonly cron: string;
  readonly run: (db: QueueDatabase, log: Logger, keys: readonly AuditKey[]) => Promise<void>;
}

const PAGE = 1000;

export const TASKS: Readonly<Record<MaintenanceTask, Task>> = {
  // Every minute, so that a page is short; a backlog is worked off page by page, each a transaction of its own.
  prune: { cron: '* * * * *', run: pruneAll },
  // Every hour: partitions are made days ahead, so many runs may fail before one is missing.
  partitions: { cron: '7 * * * *', run: extendPartitions },
  // Every hour, although a week ends but once: a backup that comes every night at the same time holds the logs until its end.
  retention: { cron: '23 * * * *', run: dropPartitions },
  // Every minute: who has changed the database's settings looks for the effect soon.
  settings: { cron: '* * * * *', run: takeOverSettings() },
  // Every five minutes: the queue goes from empty to a million rows faster than autovacuum looks.
  statistics: { cron: '*/5 * * * *', run: refreshStatistics },
  // Every five minutes: hits are counted by then, and a fleet fills less than a tenth of the default sizes meanwhile.
  cache: { cron: '2/5 * * * *', run: tendCache },
  // Every minute: so long may a row of the audit log be changed without a trace.
  seal: { cron: '* * * * *', run: sealAuditLog() },
  // Every minute: whoever asks for the numbers adds up what is not added up yet.
  counts: { cron: '* * * * *', run: foldTallies },
};

async function pruneAll(db: QueueDatabase): Promise<void> {
  while ((await pruneRequests(db, PAGE)) >= PAGE);
}
