// mirror_settings: take over what ALTER DATABASE says of our settings. Gives a row for each name that it says something of.

import type { QueueDatabase } from './database.ts';

export interface MirroredSetting {
  readonly name: string;
  /** Value that counts now; null for a name that is no setting. */
  readonly value: string | null;
  readonly outcome: 'applied' | 'unchanged' | 'kept' | 'reset' | 'refused' | 'unknown';
  readonly detail: string | null;
}

export async function mirrorSettings(db: QueueDatabase): Promise<MirroredSetting[]> {
  return await db.query(`select name, value, outcome, detail from ${db.privateSchema}.mirror_settings()`, []);
}
