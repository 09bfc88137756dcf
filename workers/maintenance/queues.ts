// The pg-boss queues of our periodic work. migrate makes them as owner; workers, without the right to make anything, only
// send to them and work on them.

export const MAINTENANCE_TASKS = [
  'prune',
  'partitions',
  'retention',
  'settings',
  'statistics',
  'cache',
  'seal',
  'counts',
] as const;
export type MaintenanceTask = (typeof MAINTENANCE_TASKS)[number];

/** stately: one waiting and one running of a task in the whole fleet. A failed run is not repeated: the next one comes. */
const OPTIONS = { policy: 'stately', retryLimit: 0, expireInSeconds: 900, deleteAfterSeconds: 86_400 } as const;

export const MAINTENANCE_QUEUES = MAINTENANCE_TASKS.map((name) => ({ name, options: OPTIONS }));
