// prune_requests: delete a page of finished requests that are past their retention. Gives how many.

import type { QueueDatabase } from './database.ts';

export async function pruneRequests(db: QueueDatabase, limit = 1000): Promise<number> {
  const rows = await db.query<{ pruned: number }>(`select ${db.privateSchema}.prune_requests($1)::int as pruned`, [
    limit,
  ]);
  return rows[0]?.pruned ?? 0;
}
