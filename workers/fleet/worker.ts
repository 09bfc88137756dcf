// A worker: leases requests, has engines run them, settles them. This file only joins the parts and names their order.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import type { SteadyTextError } from '../errors.ts';
import type { Handler } from '../handlers/handler.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import type { Provider } from '../inference/provider/providers-file.ts';
import type { Logger } from '../log.ts';
import type { WorkerState } from '../queue/heartbeat-worker.ts';
import { Dispatcher } from './dispatcher.ts';
import { drain } from './drain.ts';
import { EnginePool, type OtherEngine } from './engine-pool.ts';
import { Flights } from './flights.ts';
import { type HeldRequest, HeldRequests } from './held-requests.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { machineMemory } from './machine-memory.ts';
import type { StartEngine } from './mortal-engine.ts';
import { noEngine } from './no-engine.ts';
import { Orders } from './orders.ts';
import { PieceBuffer } from './piece-buffer.ts';
import { SettleBuffer } from './settle-buffer.ts';
import { Telling } from './telling.ts';
import { type Timings, timingsOf } from './timings.ts';
import { Wakeup } from './wakeup.ts';
import { startWorkerLoops } from './worker-loops.ts';
import { openWorkerQueue } from './worker-queue.ts';
import { createStats, type WorkerStats } from './worker-stats.ts';

export interface WorkerOptions {
  readonly config: Config & { readonly databaseUrl: string };
  readonly log: Logger;
  readonly version: string;
  readonly handlers: readonly Handler[];
  /** The models' folders, checked, and made anew where they are damaged or gone: asked for before engines start. */
  readonly models: (signal: AbortSignal) => Promise<readonly ModelFolder[]>;
  readonly startEngine: StartEngine;
  /** Asked over HTTP for the models of theirs; default none. */
  readonly providers?: readonly Provider[];
  /** Names of text models in whose place stand words that no model made; default none. */
  readonly fallback?: readonly string[];
  /** An engine of another kind, with models of its own; default none. */
  readonly hub?: OtherEngine | undefined;
  readonly timings?: Partial<Timings>;
}

export interface Worker {
  readonly id: string;
  /** Resolves when no engine has come up for some minutes: nothing is run here any more, and the worker should be ended. */
  readonly crippled: Promise<SteadyTextError>;
  /** Stops claiming, hands back what has not started, lets running work end until the deadline, hands back the rest. */
  drain(): Promise<void>;
  /** Leaves at once; other workers rescue what it held. */
  stopNow(): Promise<void>;
  stats(): WorkerStats;
}

/** Resolves when every engine has its models and the worker claims. The start checks are the caller's. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { config, log } = options;
  const id = randomUUID();
  const timings = { ...timingsOf(config.leaseSeconds), ...options.timings };
  const { counts, count } = createStats();
  const held = new HeldRequests();
  const wakeup = new Wakeup();
  const telling = new Telling(log, config.logLevel);
  const queue = telling.told(openWorkerQueue(id, config, timings.statementMs));

  const onChange = () => {
    dispatcher.dispatch();
    wakeup.room();
  };
  const pool = new EnginePool({ ...options, engines: config.engines, timings, onChange });
  const settling = new SettleBuffer({
    delayMs: config.settleDelayMs,
    log,
    settle: queue.settle,
    lanes: queue.settleLanes,
    idle: () => held.size === held.settling,
    pauseMs: timings.refusedPauseMs,
    onAnswer: (settlement, answer) => {
      count(answer);
      telling.ended(held.get(settlement.requestId)?.request, settlement, answer);
      held.removeLease(settlement);
      wakeup.room();
    },
  });
  const { pieceMs: everyMs, askMs } = timings;
  const pieces = new PieceBuffer({ held, log, write: queue.writePieces, everyMs, askMs });
  const comesAgain = (name: string) => {
    const model = pool.known(name);
    return model !== undefined && model.digest !== null && model.deterministic !== false;
  };
  const flights: Flights = new Flights({
    ...{ held, comesAgain, dispatcher: () => dispatcher },
    settle: ({ requestId, leaseToken, claimedAt }, ending) =>
      settling.add({ ...ending, requestId, leaseToken, processingMs: Math.round(performance.now() - claimedAt) }),
  });
  const dispatcher: Dispatcher = new Dispatcher({
    ...{ config, handlers: options.handlers, pool, held, log },
    release: flights.together(async (some) => (leaving.signal.aborted ? new Set() : await queue.release(some))),
    isolate: flights.together(async (some) => (leaving.signal.aborted ? new Set() : await queue.isolate(some))),
    handOver: flights.together(async (some) => {
      // Not taken would mean that no other worker has room.
      leaving.signal.throwIfAborted();
      return await queue.handOver(some);
    }),
    isWanted: (one) => flights.isWanted(one),
    onRoom: () => wakeup.room(),
    onPiece: (one, piece) => pieces.add(one, piece),
    onEnding: (first, ending) => flights.end(first, ending),
  });
  const onLost = (lost: HeldRequest) => {
    count('lost');
    flights.lose(lost);
  };
  const leases = new LeaseKeeper({ held, log, renew: queue.renew, onLost });

  const report = () => pool.report((seat) => dispatcher.tally.of(seat));
  let state: WorkerState = 'starting';
  const { version } = options;
  const about = { name: config.workerName, host: hostname(), pid: process.pid, version };
  const beat = () => {
    const models = pool.models();
    // With every engine dead it is where it was before the first had its models.
    const now = state === 'running' && models.length === 0 ? 'starting' : state;
    return queue.heartbeat({ ...about, state: now, engines: report(), models, machine: machineMemory() });
  };
  const orders = new Orders({
    ...{ log, engines: config.engines, beat, read: queue.readOrders, answer: queue.answerOrder },
    bound: (bounds) => pool.bound(bounds),
    perform: (order) => pool.perform(order),
  });
  try {
    await pool.start();
    state = 'running';
    // The first heartbeat registers the models: requests may name them from now on.
    await beat();
  } catch (error) {
    await Promise.all([pool.close(0), queue.close()]);
    throw error;
  }
  const crippled = Promise.withResolvers<SteadyTextError>();
  const loops = startWorkerLoops({
    ...{ config, log, timings, queue, pool, dispatcher, flights, settling, leases, wakeup, telling, orders, beat },
    onClaimed: (requests) => count('claimed', requests),
    onNoEngine: () => crippled.resolve(noEngine(timings, pool.startError)),
  });
  log.info({ workerId: id, engines: config.engines, models: pool.models().map(({ name }) => name) }, 'worker ready');

  const leaving = new AbortController();
  let ending: Promise<void> | undefined;
  const end = async (engineGraceMs: number) => {
    const stopped = loops.stop();
    const closed = [settling.close(), pieces.close(), pool.close(engineGraceMs), queue.close()];
    await Promise.all([...closed, stopped, orders.stop()]);
  };
  const drainAndEnd = async () => {
    state = 'draining';
    wakeup.stop();
    beat().catch(() => undefined);
    const deadline = AbortSignal.any([AbortSignal.timeout(config.drainSeconds * 1000), leaving.signal]);
    const { release } = queue;
    await drain({
      deadline,
      leaving: leaving.signal,
      claiming: loops.claiming,
      held,
      settling,
      release,
      notBegun: () => dispatcher.notBegun,
      // All that waits goes back, so nothing is begun for others.
      lose: (some) => flights.lose(some, false),
      log,
    });
    if (leaving.signal.aborted) return await ending;
    await queue.retire().catch((error) => {
      if (!leaving.signal.aborted) log.warn({ err: error }, 'not retired');
    });
    ending ??= end(1000);
    await ending;
    if (leaving.signal.aborted) return;
    log.info({ workerId: id, ...counts }, 'worker drained');
  };
  let draining: Promise<void> | undefined;

  return {
    id,
    crippled: crippled.promise,
    stats: () => ({ ...counts, held: held.size, settling: held.settling, engines: report() }),
    drain() {
      draining ??= drainAndEnd();
      return draining;
    },
    async stopNow() {
      // Later ones only wait: it was left, or had drained, by then.
      if (ending === undefined) {
        log.warn({ workerId: id, requests: held.size, ...counts }, 'left at once');
        leaving.abort();
        ending = end(0);
      }
      await ending;
    },
  };
}
