// extend_partitions: make the partitions of the coming days for the request log and the audit log.

import type { QueueDatabase } from './database.ts';

export async function extendPartitions(db: QueueDatabase): Promise<void> {
  await db.query(`select ${db.privateSchema}.extend_partitions()`, []);
}
