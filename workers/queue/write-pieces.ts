// write_pieces: what there is of texts that users read while they are made. Gives the ids that somebody still reads.

import { plainArray, textArray } from './array-literals.ts';
import type { QueueDatabase } from './database.ts';
import { idsOf, type Lease, leaseArrays } from './lease.ts';

export interface Piece extends Lease {
  /** Characters of the text before it, as PostgreSQL counts them. */
  readonly start: number;
  /** May be empty: then it is only asked whether somebody still reads. */
  readonly text: string;
}

export async function writePieces(
  db: QueueDatabase,
  workerId: string,
  pieces: readonly Piece[],
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ ids: string | null }>(
    `select array_agg(read)::text as ids
       from ${db.privateSchema}.write_pieces($1, $2, $3, $4, $5::pg_catalog.text::pg_catalog.text[]) as read`,
    [
      workerId,
      ...leaseArrays(pieces),
      plainArray(pieces.map(({ start }) => start)),
      textArray(pieces.map(({ text }) => text)),
    ],
  );
  return idsOf(rows);
}
