// What a dispatcher works with, and whom it tells.

import type { CapacityConfig, Ending, Handler } from '../handlers/handler.ts';
import type { Logger } from '../log.ts';
import type { EnginePool } from './engine-pool.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface DispatcherOptions {
  readonly config: CapacityConfig;
  readonly handlers: readonly Handler[];
  readonly pool: EnginePool;
  readonly held: HeldRequests;
  readonly log: Logger;
  /** Hands back what waits in an engine, for others to take; gives the ids that were taken. */
  readonly release: (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  /** Hands back what died with an engine and may be innocent, to run alone; gives the ids that were taken. */
  readonly isolate: (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  /** Hands back what no engine here has room for, where another worker has; gives the ids that were taken. */
  readonly handOver: (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;
  /** Whether what comes of it is still wanted, here or by others that share it. */
  readonly isWanted: (held: HeldRequest) => boolean;
  /** Called once for each request that ended while it was. */
  readonly onEnding: (held: HeldRequest, ending: Ending) => void;
  /** A piece of a text that a user reads while it is made; an empty one as an engine begins it. */
  readonly onPiece: (held: HeldRequest, piece: string) => void;
  /** A place has become free. */
  readonly onRoom: () => void;
}
