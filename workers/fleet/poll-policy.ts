// When to look at the queue again, if no notice comes before.

export interface PollPolicy {
  readonly fastMs: number;
  readonly slowMs: number;
  /** How long after work or a notice polling stays fast. */
  readonly fastForMs: number;
}

/**
 * 25 ms for a second after work was seen: enough for enqueues whose notice the gate swallowed while busy (40 looks, each
 * 0.1 ms of the server). Then every 750–1250 ms: an idle worker costs one look a second, and a fleet does not march.
 */
export function pollDelay(sinceWorkMs: number, random: number, policy: PollPolicy): number {
  if (sinceWorkMs < policy.fastForMs) return policy.fastMs;
  return policy.slowMs * (0.75 + random / 2);
}
