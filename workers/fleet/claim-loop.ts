// Claims until the queue is empty for what there is room for, then sleeps until a notice, a free place or the poll.

import type { Logger } from '../log.ts';
import type { ClaimDemand, ClaimedRequest } from '../queue/types.ts';
import { kindKey } from './demand.ts';
import { type PollPolicy, pollDelay } from './poll-policy.ts';
import type { Wakeup } from './wakeup.ts';

export interface ClaimLoopOptions {
  readonly wakeup: Wakeup;
  readonly policy: PollPolicy;
  readonly log: Logger;
  /** What there is room for just now. */
  readonly demands: () => readonly ClaimDemand[];
  /** How many of them may be isolated. */
  readonly isolatedLimit: () => number;
  readonly claim: (demands: readonly ClaimDemand[], isolatedLimit: number) => Promise<readonly ClaimedRequest[]>;
  readonly accept: (requests: readonly ClaimedRequest[]) => void;
}

/** Ends when the wake-up says stop; what a claim under way brings is still accepted. */
export async function runClaimLoop({ wakeup, policy, log, ...options }: ClaimLoopOptions): Promise<void> {
  // Kinds of requests whose last claim brought none, and up to which length: not asked for again before a notice or the poll.
  // A place that gets free meanwhile asks only for the kinds that may have more. Where no isolated or no longer ones were asked
  // for, there may be some.
  const quiet = new Map<string, number>();
  // Kinds that the last places for isolated requests have gone to: while there are such places, they are left out until every other
  // kind has been asked. A claim goes through the kinds in one order, and the first would always have them.
  const hadPlaces = new Set<string>();
  let lastWork = Number.NEGATIVE_INFINITY;
  let lookAgainAt = 0;
  let failing = false;
  const isQuiet = (demand: ClaimDemand, isolated: boolean) =>
    (quiet.get(keyOf(demand, isolated)) ?? -1) >= reach(demand);
  const quieten = (demand: ClaimDemand, isolated: boolean) => {
    for (const alone of isolated ? [false, true] : [false])
      if (!isQuiet(demand, alone)) quiet.set(keyOf(demand, alone), reach(demand));
  };
  const lookLater = () => {
    const now = performance.now();
    lookAgainAt = now + pollDelay(now - lastWork, Math.random(), policy);
  };

  while (!wakeup.stopped) {
    if (wakeup.takeWork()) {
      lastWork = performance.now();
      quiet.clear();
    }
    if (performance.now() >= lookAgainAt) {
      quiet.clear();
      lookLater();
    }
    const isolatedLimit = options.isolatedLimit();
    const wanted = options.demands().filter((demand) => !isQuiet(demand, isolatedLimit > 0));
    if (wanted.length === 0) {
      await wakeup.wait(lookAgainAt - performance.now());
      continue;
    }
    const inTurn = wanted.filter((demand) => isolatedLimit === 0 || !hadPlaces.has(keyOf(demand)));
    if (inTurn.length === 0) hadPlaces.clear();
    const asked = inTurn.length === 0 ? wanted : inTurn;
    try {
      const requests = await options.claim(asked, isolatedLimit);
      failing = false;
      const found = new Set(requests.map((request) => keyOf(request)));
      const isolated = requests.filter((request) => request.isolated);
      const askedForAll = isolatedLimit > isolated.length;
      if (askedForAll) hadPlaces.clear();
      for (const request of isolated) if (!askedForAll) hadPlaces.add(keyOf(request));
      for (const demand of asked) if (!found.has(keyOf(demand))) quieten(demand, askedForAll);
      if (requests.length > 0) {
        lastWork = performance.now();
        options.accept(requests);
      }
      lookLater();
    } catch (error) {
      if (wakeup.stopped) return;
      // The database may be away for minutes: said once.
      if (!failing) log.warn({ err: error }, 'claim failed');
      failing = true;
      for (const demand of wanted) quieten(demand, true);
      lastWork = Number.NEGATIVE_INFINITY;
      lookLater();
    }
  }
}

/** The longest that it asks for. */
function reach({ largest, largeLimit }: ClaimDemand): number {
  return largeLimit > 0 ? Number.POSITIVE_INFINITY : largest;
}

function keyOf(kind: Pick<ClaimDemand, 'requestType' | 'model'>, isolated = false): string {
  return `${kindKey(kind)}${isolated ? ' isolated' : ''}`;
}
