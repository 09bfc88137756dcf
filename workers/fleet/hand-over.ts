// Prompts that no engine here has room for: they go to a worker that has, and what is as long is left to it for a while.

import type { Ending } from '../handlers/handler.ts';
import type { Logger } from '../log.ts';
import { type Kind, kindKey } from './demand.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface HandOverOptions {
  /** Hands back what no engine here has room for, where another worker has; gives the ids that were taken. */
  readonly handOver: (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  readonly held: HeldRequests;
  readonly log: Logger;
  /** Whether it is one of those of which a worker has few at once, by the estimate of its length. */
  readonly isLarge: (held: HeldRequest) => boolean;
  /** It stays here, and ends. */
  readonly end: (held: HeldRequest, ending: Ending) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * For so long nothing is claimed that is as long as what was handed over. Without it a worker beside a larger one claimed
 * and handed over the same prompts 20 to 30 times a second. Afterwards it looks again whether the larger one is still
 * there: one that waits only for that one fails ten seconds after it has gone for good.
 */
const LEFT_TO_OTHERS_MS = 10_000;
const TOLD_EVERY_MS = 60_000;

interface TooLong {
  readonly tokens: number;
  readonly until: number;
}

export class HandOver {
  readonly #options: HandOverOptions;
  readonly #now: () => number;
  /** The shortest that was handed over lately, of each type and model, by the estimate that claims go by. */
  readonly #tooLong = new Map<string, TooLong>();
  #untold = 0;
  #tellAt = Number.NEGATIVE_INFINITY;

  constructor(options: HandOverOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** What the database could not be asked about is tried again: perhaps there is a worker with room. */
  async take(one: HeldRequest, ending: Ending): Promise<void> {
    const { handOver, held, log, end } = this.#options;
    // Before the answer: the place in the engine is free already, and the next claim would bring the next one.
    this.#learn(one);
    try {
      if ((await handOver([one])).has(one.requestId)) {
        this.#tell(one, ending);
        held.remove(one);
        return;
      }
      // All that is as long fails here, and need not wait for that. One that was cancelled meanwhile says nothing of others.
      if (held.has(one)) this.#tooLong.delete(kindKey(one.request));
      end(one, ending);
    } catch (error) {
      log.warn({ err: error, requests: 1 }, 'hand back failed, attempts are counted');
      end(one, { ...ending, outcome: 'retry' });
    }
  }

  /**
   * What is claimed of a kind meanwhile. A claim has one bound of length: where what is left to others is longer than what is
   * large here, it asks for no more than there are places of either sort.
   */
  within(kind: Kind): Kind {
    const tooLong = this.#lately(kindKey(kind));
    if (tooLong === undefined) return kind;
    const largest = tooLong.tokens - 1;
    if (kind.largeRoom <= 0 || largest <= kind.largest) return { ...kind, largeRoom: 0 };
    return { ...kind, room: Math.min(kind.room, kind.largeRoom), largest, largeRoom: 0 };
  }

  /** Only from what looks long: what is refused for its pattern, or for dense text, says nothing of others as short as it seems. */
  #learn(one: HeldRequest): void {
    if (!this.#options.isLarge(one)) return;
    const { request } = one;
    const key = kindKey(request);
    const tokens = Math.min(request.inputTokens, this.#lately(key)?.tokens ?? Number.POSITIVE_INFINITY);
    this.#tooLong.set(key, { tokens, until: this.#now() + LEFT_TO_OTHERS_MS });
  }

  #lately(key: string): TooLong | undefined {
    const tooLong = this.#tooLong.get(key);
    return tooLong !== undefined && this.#now() < tooLong.until ? tooLong : undefined;
  }

  #tell({ requestId }: HeldRequest, { error }: Ending): void {
    this.#untold++;
    if (this.#now() < this.#tellAt) return;
    this.#options.log.warn({ requestId, reason: error, requests: this.#untold }, 'request handed over');
    this.#untold = 0;
    this.#tellAt = this.#now() + TOLD_EVERY_MS;
  }
}
