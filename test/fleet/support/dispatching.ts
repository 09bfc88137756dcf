// A dispatcher with echo engines and no database: what it is given ends in a map.

import { expect, onTestFinished } from 'vitest';
import { Dispatcher } from '../../../workers/fleet/dispatcher.ts';
import { EnginePool } from '../../../workers/fleet/engine-pool.ts';
import { HeldRequests } from '../../../workers/fleet/held-requests.ts';
import type { Ending } from '../../../workers/handlers/handler.ts';
import { HANDLERS } from '../../../workers/handlers/index.ts';
import type { Provider } from '../../../workers/inference/provider/providers-file.ts';
import { type EchoEngine, type EchoOptions, echoEngine } from './echo-engine.ts';
import { ECHO_MODELS } from './echo-models.ts';
import { silent } from './parts.ts';

export interface DispatchingOptions {
  readonly engines?: number;
  /** Engines that start at all, the replaced ones counted. */
  readonly mostStarts?: number;
  readonly embedBatch?: number;
  readonly generateSlots?: number;
  readonly kvCacheMb?: number;
  readonly providers?: readonly Provider[];
  /** Whether the database takes what had to give way, which it may tell late. */
  readonly releases?: () => boolean | Promise<boolean>;
  /** Whether the database takes it when it is handed back to run alone. */
  readonly taken?: (requestId: string) => boolean;
  /** Whether another worker has room for it. */
  readonly roomElsewhere?: () => boolean;
}

export async function dispatching(options: EchoOptions & DispatchingOptions = {}) {
  const engines: EchoEngine[] = [];
  const endings = new Map<string, Ending>();
  const handedBack: string[] = [];
  const released: string[] = [];
  const handedOver: string[] = [];
  const pieces: [requestId: string, piece: string][] = [];
  const held = new HeldRequests();
  const pool: EnginePool = new EnginePool({
    engines: options.engines ?? 1,
    timings: { engineSilenceMs: 200, engineLoadMs: 60_000, engineStallMs: 200 },
    models: async () => ECHO_MODELS,
    log: silent,
    providers: options.providers,
    startEngine: async () => {
      if (engines.length >= (options.mostStarts ?? Number.POSITIVE_INFINITY)) throw new Error('no more engines');
      const engine = echoEngine(options);
      engines.push(engine);
      return engine;
    },
    onChange: () => dispatcher.dispatch(),
  });
  const dispatcher: Dispatcher = new Dispatcher({
    config: {
      embedBatch: options.embedBatch ?? 32,
      generateSlots: options.generateSlots ?? 4,
      kvCacheMb: options.kvCacheMb ?? 90,
    },
    handlers: HANDLERS,
    pool,
    held,
    log: silent,
    release: async (some) => {
      if ((await options.releases?.()) === false) return new Set<string>();
      released.push(...some.map(({ requestId }) => requestId));
      return new Set(some.map(({ requestId }) => requestId));
    },
    isolate: async (some) => {
      const taken = some.map(({ requestId }) => requestId).filter((id) => options.taken?.(id) ?? true);
      handedBack.push(...taken);
      return new Set(taken);
    },
    handOver: async (some) => {
      const taken = some.map(({ requestId }) => requestId).filter(() => options.roomElsewhere?.() ?? false);
      handedOver.push(...taken);
      return new Set(taken);
    },
    isWanted: (one) => held.has(one),
    onPiece: (held, piece) => pieces.push([held.requestId, piece]),
    onRoom: () => {},
    onEnding: ({ requestId }, ending) => {
      expect(endings.has(requestId), 'an attempt ends once').toBe(false);
      endings.set(requestId, ending);
    },
  });
  await pool.start();
  onTestFinished(() => pool.close(0));
  return { engines, endings, handedBack, released, handedOver, pieces, held, pool, dispatcher };
}
