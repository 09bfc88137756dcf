// hand_over_requests: hand back what this worker has no room for and another one has; no attempt is used up. What is not
// taken has no worker with more room. Throws when a row is locked for long.

import type { QueueDatabase } from './database.ts';
import { idsOf, type Lease, leaseArrays } from './lease.ts';

export async function handOverRequests(
  db: QueueDatabase,
  workerId: string,
  leases: readonly Lease[],
): Promise<Set<string>> {
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(handed)::text as ids from ${db.privateSchema}.hand_over_requests($1, $2, $3) as handed`,
    [workerId, ...leaseArrays(leases)],
  );
  return idsOf(rows);
}
