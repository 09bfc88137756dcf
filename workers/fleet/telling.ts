// What a worker's log tells beyond starts, stops and trouble, as the database's settings want it: the level, each request that ends,
// and each call of the queue. Ids, counts and times, never a prompt.

import { LOG_LEVELS } from '../config.ts';
import type { Logger, LogLevel } from '../log.ts';
import type { LogSettings } from '../queue/log-settings.ts';
import type { ClaimedRequest, Settlement } from '../queue/types.ts';
import type { SettleAnswer } from './settle-buffer.ts';
import type { WorkerQueue } from './worker-queue.ts';

/** Calls that a worker makes all the time are told where something came of them; these always. */
const ALWAYS: readonly string[] = ['heartbeat', 'answerOrder', 'retire'];
const CALLS = ['claim', 'settle', 'renew', 'release', 'isolate', 'handOver', 'promote', 'rescue', ...ALWAYS] as const;

export class Telling {
  readonly #log: Logger;
  readonly #ownLevel: LogLevel;
  #now: LogSettings = { level: null, queries: false, communication: false };

  constructor(log: Logger, ownLevel: LogLevel) {
    this.#log = log;
    this.#ownLevel = ownLevel;
  }

  apply(wanted: LogSettings): void {
    const before = this.#now;
    if (Object.entries(before).every(([name, value]) => wanted[name as keyof LogSettings] === value)) return;
    this.#now = wanted;
    const level = wanted.level ?? this.#ownLevel;
    const tell = () => this.#log.info({ ...wanted, level }, 'log settings changed');
    const quieter = LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(this.#log.level as LogLevel);
    if (quieter) tell();
    this.#log.level = level;
    if (!quieter) tell();
  }

  ended(request: ClaimedRequest | undefined, settlement: Settlement, answer: SettleAnswer): void {
    if (!this.#now.queries || request === undefined) return;
    const { requestId, requestType, model, userId, retryCount } = request;
    const { outcome, processingMs: ms, tokensIn, tokensOut } = settlement;
    const about = { requestId, requestType, model, userId, attempt: retryCount + 1 };
    this.#log.info({ ...about, outcome, answer, ms, tokensIn, tokensOut }, 'request ended');
  }

  /** The same queue, whose calls are told while that is wanted. */
  told(queue: WorkerQueue): WorkerQueue {
    const calls = CALLS.map((name) => [name, this.#toldCall(name, queue[name as keyof WorkerQueue] as Call)]);
    return { ...queue, ...Object.fromEntries(calls) };
  }

  #toldCall(call: string, run: Call): Call {
    return async (...args) => {
      if (!this.#now.communication) return await run(...args);
      const began = performance.now();
      const tell = (more: object) =>
        this.#log.info({ call, ms: Math.round((performance.now() - began) * 10) / 10, ...more }, 'queue called');
      try {
        const answer = await run(...args);
        const requests = countOf(answer);
        if (requests > 0) tell({ requests });
        else if (ALWAYS.includes(call)) tell({});
        return answer;
      } catch (error) {
        tell({ failed: true });
        throw error;
      }
    };
  }
}

type Call = (...args: unknown[]) => Promise<unknown>;

function countOf(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  if (Array.isArray(answer)) return answer.length;
  return answer instanceof Set || answer instanceof Map ? answer.size : 0;
}
