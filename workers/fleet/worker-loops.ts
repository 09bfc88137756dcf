// What a running worker does all the time, besides running requests: listen, claim, renew, promote, rescue, report.

import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { startListener } from '../queue/listener.ts';
import { namesOf } from '../queue/migrate/names.ts';
import { runClaimLoop } from './claim-loop.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EnginePool } from './engine-pool.ts';
import type { Flights } from './flights.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Orders } from './orders.ts';
import { startPeriodic } from './periodic.ts';
import type { SettleBuffer } from './settle-buffer.ts';
import type { Telling } from './telling.ts';
import type { Timings } from './timings.ts';
import type { Wakeup } from './wakeup.ts';
import type { WorkerQueue } from './worker-queue.ts';

export interface WorkerLoopsOptions {
  readonly config: Config & { readonly databaseUrl: string };
  readonly log: Logger;
  readonly timings: Timings;
  readonly queue: WorkerQueue;
  readonly pool: EnginePool;
  readonly dispatcher: Dispatcher;
  readonly flights: Flights;
  readonly settling: Pick<SettleBuffer, 'paused'>;
  readonly leases: LeaseKeeper;
  readonly wakeup: Wakeup;
  readonly telling: Telling;
  readonly orders: Pick<Orders, 'look' | 'onControl'>;
  readonly beat: () => Promise<void>;
  readonly onClaimed: (requests: number) => void;
  /** No engine has come up for too long. */
  readonly onNoEngine: () => void;
}

export interface WorkerLoops {
  /** Ends after the wake-up was told to stop, when the last claim has brought what it brought. */
  readonly claiming: Promise<void>;
  stop(): Promise<void>;
}

export function startWorkerLoops(options: WorkerLoopsOptions): WorkerLoops {
  const { config, log, timings, queue, pool, dispatcher, settling, leases, wakeup, orders } = options;
  const listener = startListener({
    url: config.listenUrl ?? config.databaseUrl,
    name: `steadytext listen ${config.workerName}`.slice(0, 63),
    channelPrefix: namesOf(config.schema).channelprefix,
    onWork: () => wakeup.work(),
    onControl: (payload) => {
      orders.onControl(payload);
      void leases.onControl(payload);
    },
    onState: (state, error) => {
      log[state === 'listening' ? 'info' : 'warn']({ err: error, state }, 'listener');
      // For a hint that was missed.
      orders.onControl('fleet');
    },
  });

  const promote = async () => {
    if ((await queue.promote()) > 0) wakeup.work();
  };
  const rescue = async () => {
    // After a pause longer than the lease our own are over too: they are still ours if nobody else took them meanwhile.
    await leases.renewAll();
    const rescued = await queue.rescue();
    if (rescued.length === 0) return;
    log.warn({ requests: rescued.length }, 'requests rescued');
    wakeup.work();
  };
  const watch = async () => {
    await pool.watch();
    if (pool.emptyWatches >= timings.mostHeartbeatsWithoutEngine) options.onNoEngine();
  };
  const beat = async () => {
    await options.beat();
    await orders.look();
  };
  const every = (everyMs: number, name: string, run: () => Promise<void>) => startPeriodic({ name, everyMs, log, run });
  const periodic = [
    every(timings.renewMs, 'renew', () => leases.renewAll()),
    every(timings.promoteMs, 'promote', promote),
    every(timings.rescueMs, 'rescue', rescue),
    every(timings.heartbeatMs, 'heartbeat', beat),
    every(timings.heartbeatMs, 'watch engines', watch),
    every(timings.heartbeatMs, 'log settings', async () => options.telling.apply(await queue.logSettings())),
  ];

  const claiming = runClaimLoop({
    wakeup,
    log,
    policy: { fastMs: config.pollFastMs, slowMs: config.pollSlowMs, fastForMs: 1000 },
    demands: () => (settling.paused ? [] : dispatcher.demands()),
    isolatedLimit: () => dispatcher.isolatedLimit(),
    claim: async (demands, isolatedLimit) => {
      const requests = await queue.claim(demands, isolatedLimit);
      options.onClaimed(requests.length);
      return requests;
    },
    accept: (requests) => options.flights.accept(requests),
  });

  return {
    claiming,
    async stop() {
      wakeup.stop();
      const stopped = periodic.map((stop) => stop());
      await Promise.all([listener.close(), ...stopped, claiming]);
    },
  };
}
