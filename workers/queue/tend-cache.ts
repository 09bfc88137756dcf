// tend_cache: add up hits, and evict what is over the sizes of the settings.

import type { QueueDatabase } from './database.ts';

export async function tendCache(db: QueueDatabase): Promise<void> {
  await db.query(`select ${db.privateSchema}.tend_cache()`, []);
}
