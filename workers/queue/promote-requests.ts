// promote_requests: make requests runnable whose time has come. Gives how many.

import type { QueueDatabase } from './database.ts';

export async function promoteRequests(db: QueueDatabase, limit = 1000): Promise<number> {
  const rows = await db.query<{ promoted: number }>(
    `select ${db.privateSchema}.promote_requests($1)::int as promoted`,
    [limit],
  );
  return rows[0]?.promoted ?? 0;
}
