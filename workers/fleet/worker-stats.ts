// What a worker counts since its start.

import type { EngineReport } from '../queue/heartbeat-worker.ts';

/** written, fenced, refused: answers of settle. lost: leases that renewing found gone. */
export interface WorkerCounts {
  claimed: number;
  written: number;
  fenced: number;
  refused: number;
  lost: number;
}

export interface WorkerStats extends Readonly<WorkerCounts> {
  readonly held: number;
  readonly settling: number;
  readonly engines: readonly EngineReport[];
}

export function createStats() {
  const counts: WorkerCounts = { claimed: 0, written: 0, fenced: 0, refused: 0, lost: 0 };
  return {
    counts: counts as Readonly<WorkerCounts>,
    count(what: keyof WorkerCounts, by = 1): void {
      counts[what] += by;
    },
  };
}
