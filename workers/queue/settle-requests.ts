// settle_requests: say how requests ended. One transaction writes the queue row, the request log and the audit log of
// all of them; an id that does not come back was fenced (its lease had gone to somebody else) and nothing was written.

import { booleanArray, plainArray, textArray } from './array-literals.ts';
import type { QueueDatabase } from './database.ts';
import { idsOf, leaseArrays } from './lease.ts';
import { realArrayLiteral } from './real-array.ts';
import type { Settlement } from './types.ts';

const ARRAYS = ['uuid', 'int8', 'text', 'text', 'text', 'text', 'bool', 'int4', 'int4', 'int4', 'text', 'text']
  .map((type, i) => `$${i + 2}::pg_catalog.text::pg_catalog.${type}[]`)
  .join(', ');

/**
 * Gives the ids that were written. A login may have array_nulls off, which makes texts of our nulls: it is set for this
 * transaction alone, in this statement, since a bouncer may give each one another session. The arrays come as text, and are read
 * after it because the first of them waits for it.
 */
export async function settleRequests(
  db: QueueDatabase,
  workerId: string,
  settlements: readonly Settlement[],
): Promise<ReadonlySet<string>> {
  const column = <T>(pick: (settlement: Settlement) => T | undefined): (T | null)[] =>
    settlements.map((settlement) => pick(settlement) ?? null);
  const rows = await db.query<{ ids: string | null }>(
    `with pinned as materialized (select pg_catalog.set_config('array_nulls', 'on', true) is not null as done)
     select pg_catalog.array_agg(written.request_id)::text as ids
       from pinned, ${db.privateSchema}.settle_requests(
         case when pinned.done then $1::pg_catalog.uuid end, ${ARRAYS}) as written`,
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
