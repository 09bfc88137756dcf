// unserved_defaults: the default models that no living worker serves, text first.

import type { QueueDatabase } from './database.ts';
import type { ServedModel } from './heartbeat-worker.ts';

export async function unservedDefaults(db: QueueDatabase): Promise<Pick<ServedModel, 'kind' | 'name'>[]> {
  return await db.query(`select kind, name from ${db.privateSchema}.unserved_defaults() order by kind desc`, []);
}
