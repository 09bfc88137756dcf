// settle_requests: say how requests ended. One transaction writes the queue row, the request log and the audit log of
// all of them; an id that does not come back was fenced (its lease had gone to somebody else) and nothing was written.

import { booleanArray, plainArray, textArray } from './array-literals.ts';
import type { QueueDatabase } from './database.ts';
import { idsOf, leaseArrays } from './lease.ts';
import { realArrayLiteral } from './real-array.ts';
import type { Settlement } from './types.ts';

/** Gives the ids that were written. */
export async function settleRequests(
  db: QueueDatabase,
  workerId: string,
  settlements: readonly Settlement[],
): Promise<ReadonlySet<string>> {
  const column = <T>(pick: (settlement: Settlement) => T | undefined): (T | null)[] =>
    settlements.map((settlement) => pick(settlement) ?? null);
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(request_id)::text as ids
       from ${db.privateSchema}.settle_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      workerId,
      ...leaseArrays(settlements),
      textArray(column((settlement) => settlement.outcome)),
      textArray(column((settlement) => settlement.result)),
      textArray(column((settlement) => settlement.embedding && realArrayLiteral(settlement.embedding))),
      textArray(column((settlement) => settlement.error)),
      booleanArray(settlements.map((settlement) => settlement.isolate ?? false)),
      plainArray(column((settlement) => settlement.tokensIn)),
      plainArray(column((settlement) => settlement.tokensOut)),
      plainArray(column((settlement) => settlement.processingMs)),
      textArray(column((settlement) => settlement.modelDigest)),
      textArray(column((settlement) => settlement.receipt && JSON.stringify(settlement.receipt))),
    ],
  );
  return idsOf(rows);
}
