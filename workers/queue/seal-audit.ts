// seal_audit: seal what finished transactions have written to the audit log, a page at a time. Gives how many rows.

import type { QueueDatabase } from './database.ts';

export async function sealAudit(db: QueueDatabase, limit = 50_000): Promise<number> {
  const rows = await db.query<{ sealed: number }>(`select ${db.privateSchema}.seal_audit($1) as sealed`, [limit]);
  return rows[0]?.sealed ?? 0;
}
