// Sends outcomes to the database: coalesced for a few milliseconds, a few transactions at a time, again and again until the
// database has answered. Whether a lease still holds is the database's to say, so nothing is given up by a clock here.

import { setTimeout as sleep } from 'node:timers/promises';
import { SteadyTextError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isConnectionLost, isValueRefused } from '../queue/error-map.ts';
import type { Settlement } from '../queue/types.ts';
import { type BatchBounds, SETTLE_BOUNDS, settleBatchLength } from './settle-batch.ts';

/** written: as asked; fenced: the lease had gone; refused: the database cannot store it, not even as a failure. */
export type SettleAnswer = 'written' | 'fenced' | 'refused';

export interface SettleBufferOptions {
  readonly delayMs: number;
  readonly log: Logger;
  /** Gives the ids that were written. Batches that are on their way together have different lanes. */
  readonly settle: (settlements: readonly Settlement[], lane: number) => Promise<ReadonlySet<string>>;
  /** Batches that may be on their way together. */
  readonly lanes: number;
  readonly onAnswer: (settlement: Settlement, answer: SettleAnswer) => void;
  /** Nothing else runs: no later outcome is worth waiting for. */
  readonly idle: () => boolean;
  /** How long nothing is to be claimed after many refusals in a row. */
  readonly pauseMs: number;
}

const RETRY_MS = 200;
/** Requests that a line of the log names. */
const MOST_NAMED = 10;
/** Failures refused in a row, with nothing taken in between, that are no matter of single values any more. */
const MOST_REFUSED = 10;
/** So many waiting outcomes are worth a further transaction beside those on their way. */
export const WORTH_A_LANE = SETTLE_BOUNDS.rows / 4;

export class SettleBuffer {
  readonly #options: SettleBufferOptions;
  readonly #closing = new AbortController();
  readonly #lanes = new Map<number, Promise<void>>();
  /** Lanes whose batch is on its way. */
  #sending = 0;
  #waiting: Settlement[] = [];
  #refusedInARow = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: SettleBufferOptions) {
    this.#options = options;
  }

  /** Outcomes are refused whatever they are: what is claimed now would be computed in vain, and use up an attempt. */
  get paused(): boolean {
    return performance.now() < this.#pausedUntil;
  }

  add(settlement: Settlement): void {
    this.#waiting.push(settlement);
    this.#openLane();
  }

  /** Resolves when everything was answered, or at the signal. */
  async emptied(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (this.#lanes.size > 0 && !signal.aborted) await Promise.race([...this.#lanes.values(), aborted]);
  }

  /** Gives up what was not answered. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#lanes.values());
  }

  #openLane(): void {
    const open = this.#lanes.size;
    if (open > 0 && (open >= this.#options.lanes || this.#waiting.length < WORTH_A_LANE)) return;
    let lane = 0;
    while (this.#lanes.has(lane)) lane++;
    const sending = this.#sendAll(lane, open === 0).finally(() => {
      this.#lanes.delete(lane);
      // What came after the lane's last look and before this saw it open.
      if (this.#waiting.length > 0 && !this.#closing.signal.aborted) this.#openLane();
    });
    this.#lanes.set(lane, sending);
  }

  /** What accumulates while a batch is on its way is a batch by itself; only the first after a pause has to wait. */
  async #sendAll(lane: number, first: boolean): Promise<void> {
    await Promise.resolve();
    if (first) await this.#coalesce();
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting.splice(0, settleBatchLength(this.#waiting, this.#bounds()));
      this.#sending++;
      await this.#send(batch, lane).finally(() => this.#sending--);
    }
  }

  /** What waits is divided between the lanes that have nothing to do, so that none is idle while another writes the last of it. */
  #bounds(): BatchBounds {
    const share = Math.ceil(this.#waiting.length / (this.#options.lanes - this.#sending));
    return { ...SETTLE_BOUNDS, rows: Math.min(SETTLE_BOUNDS.rows, Math.max(WORTH_A_LANE, share)) };
  }

  async #coalesce(): Promise<void> {
    if (this.#options.delayMs === 0 || this.#options.idle()) return;
    await sleep(this.#options.delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  async #send(batch: readonly Settlement[], lane: number): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      try {
        const written = await this.#options.settle(batch, lane);
        this.#refusedInARow = 0;
        this.#pausedUntil = Number.NEGATIVE_INFINITY;
        this.#answerAll(batch, written);
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (isValueRefused(error)) return await this.#sendApart(batch, lane, error);
        const about = { err: error, settlements: batch.length, lost: isConnectionLost(error) };
        if (failures === 0) this.#options.log.warn(about, 'settle failed');
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** One value that cannot be stored must not take its mates down: halves, until it is alone, and then a failure. */
  async #sendApart(batch: readonly Settlement[], lane: number, error: unknown): Promise<void> {
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      await this.#send(batch.slice(0, middle), lane);
      await this.#send(batch.slice(middle), lane);
      return;
    }
    const poison = batch[0]!;
    const reason = error instanceof SteadyTextError ? error.message : String(error);
    if (this.#refusedInARow < MOST_REFUSED)
      this.#options.log.error({ requestId: poison.requestId, reason }, 'outcome refused');
    if (poison.outcome === 'failed') {
      this.#countRefused(reason);
      return this.#answer(poison, 'refused');
    }
    const { requestId, leaseToken } = poison;
    const failed = `expected a result that PostgreSQL can store, got: ${reason}`;
    await this.#send([{ requestId, leaseToken, outcome: 'failed', error: failed }], lane);
  }

  #countRefused(reason: string): void {
    this.#refusedInARow++;
    if (this.#refusedInARow < MOST_REFUSED) return;
    const { pauseMs, log } = this.#options;
    if (this.#refusedInARow === MOST_REFUSED) log.error({ reason, pauseMs }, 'settling paused');
    this.#pausedUntil = performance.now() + pauseMs;
  }

  #answerAll(batch: readonly Settlement[], written: ReadonlySet<string>): void {
    const fenced = batch.map(({ requestId }) => requestId).filter((id) => !written.has(id));
    // After a pause of the machine it may be all that was held, so it is one line.
    const about = { requests: fenced.length, requestIds: fenced.slice(0, MOST_NAMED) };
    if (fenced.length > 0) this.#options.log.warn(about, 'outcome not taken');
    for (const settlement of batch) this.#answer(settlement, written.has(settlement.requestId) ? 'written' : 'fenced');
  }

  #answer(settlement: Settlement, answer: SettleAnswer): void {
    this.#options.onAnswer(settlement, answer);
  }
}
