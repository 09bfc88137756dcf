// retire_worker: take the worker's row away at a clean end.

import type { QueueDatabase } from './database.ts';

export async function retireWorker(db: QueueDatabase, workerId: string): Promise<void> {
  await db.query(`select ${db.privateSchema}.retire_worker($1)`, [workerId]);
}
