// Requests for a provider that is left alone for a while, which nobody has sent: they wait in the queue, for this worker or another.

import type { Ending } from '../handlers/handler.ts';
import type { Logger } from '../log.ts';
import { endingOf } from './failure-policy.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface ReturnUnsentOptions {
  /** Hands back with no attempt used; gives the ids that were taken. */
  readonly release: (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  readonly held: HeldRequests;
  readonly log: Logger;
  /** Of what could not be handed back. */
  readonly end: (held: HeldRequest, ending: Ending) => void;
}

/** What the database does not take has used up an attempt, and comes again after the queue's own pause. */
export async function returnUnsent(
  some: readonly HeldRequest[],
  { release, held, log, end }: ReturnUnsentOptions,
): Promise<void> {
  const ours = some.filter((one) => one.state !== 'settling' && held.has(one));
  if (ours.length === 0) return;
  const taken = await release(ours).catch((error) => {
    log.warn({ err: error, requests: ours.length }, 'hand back failed, attempts are counted');
    return new Set<string>();
  });
  if (taken.size > 0) log.info({ requests: taken.size }, 'requests handed back');
  for (const one of ours) {
    if (taken.has(one.requestId)) held.remove(one);
    else end(one, endingOf(new Error('its provider is left alone for a while')));
  }
}
