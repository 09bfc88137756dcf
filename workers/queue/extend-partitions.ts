// extend_partitions: make the partitions of the coming weeks for the request log and the audit log. One a call, so that each
// is a transaction of its own and its locks are short.

import type { QueueDatabase } from './database.ts';

export async function extendPartitions(db: QueueDatabase): Promise<void> {
  const extend = `select ${db.privateSchema}.extend_partitions() as made`;
  while ((await db.query<{ made: number }>(extend, []))[0]!.made > 0);
}
