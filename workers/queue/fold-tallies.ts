// fold_tallies: add up the numbers of requests that ended.

import type { QueueDatabase } from './database.ts';

export async function foldTallies(db: QueueDatabase): Promise<void> {
  await db.query(`select ${db.privateSchema}.fold_tallies()`, []);
}
