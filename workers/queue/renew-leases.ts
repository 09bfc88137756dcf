// renew_leases: lengthen every lease this worker holds, in one call. An id that does not come back is lost: its request
// was cancelled, or rescued and perhaps given to another worker.

import type { QueueDatabase } from './database.ts';
import { idsOf, type Lease, leaseArrays } from './lease.ts';

export async function renewLeases(
  db: QueueDatabase,
  workerId: string,
  leases: readonly Lease[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(renewed)::text as ids from ${db.privateSchema}.renew_leases($1, $2, $3, $4) as renewed`,
    [workerId, ...leaseArrays(leases), leaseSeconds],
  );
  return idsOf(rows);
}
