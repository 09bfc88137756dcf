// release_requests: hand back what was claimed and not finished; no attempt is used up.

import type { QueueDatabase } from './database.ts';
import { idsOf, type Lease, leaseArrays } from './lease.ts';

export async function releaseRequests(
  db: QueueDatabase,
  workerId: string,
  leases: readonly Lease[],
): Promise<Set<string>> {
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(released)::text as ids from ${db.privateSchema}.release_requests($1, $2, $3) as released`,
    [workerId, ...leaseArrays(leases)],
  );
  return idsOf(rows);
}
