// refresh_statistics: analyze what changes fast, so that claims keep their plan.

import type { QueueDatabase } from './database.ts';

export async function refreshStatistics(db: QueueDatabase): Promise<void> {
  await db.query(`select ${db.privateSchema}.refresh_statistics()`, []);
}
