// release_requests: hand back what was claimed and not finished; no attempt is used up. With `isolate` it runs alone from
// now on, and what does so already is not taken.

import type { QueueDatabase } from './database.ts';
import { idsOf, type Lease, leaseArrays } from './lease.ts';

export async function releaseRequests(
  db: QueueDatabase,
  workerId: string,
  leases: readonly Lease[],
  isolate = false,
): Promise<Set<string>> {
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(released)::text as ids from ${db.privateSchema}.release_requests($1, $2, $3, $4) as released`,
    [workerId, ...leaseArrays(leases), isolate],
  );
  return idsOf(rows);
}
