// How many settlements go into one transaction.

import type { Settlement } from '../queue/types.ts';

export interface BatchBounds {
  readonly rows: number;
  readonly bytes: number;
}

/** 1000 rows: half the commits of 500, and one transaction still takes under 50 ms. 4 MB: about 800 embeddings as text. */
export const SETTLE_BOUNDS: BatchBounds = { rows: 1000, bytes: 4 << 20 };

/** Length of the batch that the first settlements make: at least one, then up to the bounds. */
export function settleBatchLength(settlements: readonly Settlement[], bounds: BatchBounds = SETTLE_BOUNDS): number {
  let bytes = 0;
  const most = Math.min(settlements.length, bounds.rows);
  for (let i = 0; i < most; i++) {
    bytes += roughBytes(settlements[i]!);
    if (bytes > bounds.bytes) return Math.max(1, i);
  }
  return most;
}

function roughBytes({ result, embedding, error }: Settlement): number {
  return 200 + (result?.length ?? 0) + (error?.length ?? 0) + 12 * (embedding?.length ?? 0);
}
