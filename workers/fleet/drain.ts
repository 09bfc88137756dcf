// The way out of a worker: nothing is lost, and nothing that was not finished has used up an attempt.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';
import type { SettleBuffer } from './settle-buffer.ts';

export interface DrainOptions {
  /** When running work has had its time. */
  readonly deadline: AbortSignal;
  /** Leaves all as it is, and says nothing: the connections are being closed. */
  readonly leaving: AbortSignal;
  /** Ends when the last claim has brought what it brought. */
  readonly claiming: Promise<void>;
  readonly held: HeldRequests;
  readonly settling: Pick<SettleBuffer, 'emptied'>;
  /** What engines have, and have not begun. */
  readonly notBegun: () => readonly HeldRequest[];
  readonly release: (leases: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  /** Forgets a request and cancels it in its engine. */
  readonly lose: (held: HeldRequest) => void;
  readonly log: Logger;
}

/** The last words to the database get so long at least, also after the deadline: it may be away, and leases are rescued anyway. */
const LAST_WORDS_MS = 3000;
/**
 * How often what did not come back is handed back again. Each time the database waits a quarter of a second for each row that
 * somebody holds: claims have let go of it by then, and a user's transaction may hold it for as long as it likes.
 */
const MOST_TRIES = 3;
/** How long a database that is away is left alone before it is asked again. */
const AWAY_MS = 500;

export async function drain({
  deadline,
  leaving,
  claiming,
  held,
  settling,
  notBegun,
  release,
  lose,
  log,
}: DrainOptions): Promise<void> {
  const handBack = async (some: readonly HeldRequest[], time: AbortSignal) => {
    if (some.length === 0 || leaving.aborted) return;
    // Out of the engines first: what ends now would settle a request that was handed back.
    for (const request of some) lose(request);
    const over = AbortSignal.any([time, leaving]);
    let left = some;
    let failure: unknown;
    for (let tries = 0; tries < MOST_TRIES && left.length > 0; ) {
      try {
        const released = await release(left);
        tries++;
        left = left.filter(({ requestId }) => !released.has(requestId));
      } catch (error) {
        if (over.aborted) {
          failure = error;
          break;
        }
        await sleep(AWAY_MS, undefined, { signal: over }).catch(() => {});
      }
    }
    if (left.length < some.length) log.info({ requests: some.length - left.length }, 'requests handed back');
    if (left.length === 0 || leaving.aborted) return;
    if (failure !== undefined)
      log.warn({ err: failure, requests: left.length }, 'hand back failed, leases will be rescued');
    else log.warn({ requests: left.length }, 'hand back not taken, leases will be rescued');
  };
  const until = (signal: AbortSignal, work: Promise<void>) => Promise.race([work, aborted(signal)]);

  await until(deadline, claiming);
  await until(deadline, handBack([...held.inState('waiting'), ...notBegun()], deadline));
  await until(deadline, held.noneRunning());

  const lastWords = AbortSignal.timeout(LAST_WORDS_MS);
  await until(lastWords, handBack([...held.inState('waiting'), ...held.inState('running')], lastWords));
  // Until the later of the two: a database that comes back in time takes what has ended, and it need not be done again.
  await settling.emptied(deadline);
  await settling.emptied(lastWords);
  if (held.settling > 0 && !leaving.aborted)
    log.warn({ requests: held.settling }, 'outcomes not written, leases will be rescued');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
