// The fleet's rhythms that nobody should have to set: constants, and what follows from the length of a lease.

export interface Timings {
  /** Renewal of all leases: a third of the lease, so that two in a row may fail. */
  readonly renewMs: number;
  /** Looks for due requests; bounds how late a scheduled request or a retry starts. */
  readonly promoteMs: number;
  /** Looks for leases that have run out. */
  readonly rescueMs: number;
  readonly heartbeatMs: number;
  /** Between two reports of texts that are read while they are made. */
  readonly pieceMs: number;
  /** Such a text of which nothing comes: whether somebody still reads is asked again after so long. */
  readonly askMs: number;
  /** A statement without an answer for so long is taken as lost. */
  readonly statementMs: number;
  /** Nothing is claimed for so long after the database has refused many outcomes in a row, as failures too. */
  readonly refusedPauseMs: number;
  /** An engine that does not answer `describe` for so long is killed and replaced. */
  readonly engineSilenceMs: number;
  /** But not while it opens a model, in which onnxruntime lets it answer nothing, until that has taken so long. */
  readonly engineLoadMs: number;
  /** An engine with work that takes no turn at it for so long is killed and replaced. */
  readonly engineStallMs: number;
  /**
   * Heartbeats in a row with no engine ready after which the worker gives up: 60, five minutes. Counted, because a process
   * that stood still was asked nothing meanwhile.
   */
  readonly mostHeartbeatsWithoutEngine: number;
}

/** Lease 30 s: renew every 10 s, rescue every 5 s, statements 10 s. Lease 2 s: 667 ms, 500 ms, 2 s. */
export function timingsOf(leaseSeconds: number): Timings {
  const leaseMs = leaseSeconds * 1000;
  return {
    renewMs: leaseMs / 3,
    promoteMs: 250,
    rescueMs: Math.min(5000, Math.max(500, leaseMs / 6)),
    heartbeatMs: 5000,
    pieceMs: 80,
    askMs: 400,
    statementMs: Math.min(10_000, Math.max(2000, leaseMs / 3)),
    refusedPauseMs: 30_000,
    engineSilenceMs: 30_000,
    engineLoadMs: 300_000,
    engineStallMs: 120_000,
    mostHeartbeatsWithoutEngine: 60,
  };
}
