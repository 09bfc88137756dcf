// drop_partitions: drop the partitions that are past their retention.

import type { QueueDatabase } from './database.ts';

export async function dropPartitions(db: QueueDatabase): Promise<void> {
  await db.query(`select ${db.privateSchema}.drop_partitions()`, []);
}
