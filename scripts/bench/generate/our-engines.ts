// The engines that `generate` measures: as a fleet on this machine has them, one alone for all streams, and forms that tell
// what guessed tokens and single threads do. Prefix caches are off: every prompt is read.

import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { type EngineProcess, startEngineProcess } from '../../../workers/inference/process/engine-process.ts';

export interface OurEngines {
  /** Engines of one thread that share the streams, one a core, as a worker starts them. */
  readonly fleet: readonly EngineProcess[];
  /** The same that run one token a step. */
  readonly plainFleet: readonly EngineProcess[];
  /** One engine of one thread for all streams. */
  readonly alone: readonly EngineProcess[];
  readonly plainAlone: readonly EngineProcess[];
  /** One engine of as many threads as there are cores for all streams; none where there is one core. */
  readonly threaded: readonly EngineProcess[];
  readonly plainThreaded: readonly EngineProcess[];
}

/** What eight streams of a prompt and an answer of the bench take: a worker's default. */
const CACHE_BYTES = 90 * 2 ** 20;

export async function startOurEngines(
  model: ModelFolder,
  streams: number,
  threads: number,
): Promise<{ readonly sets: OurEngines } & AsyncDisposable> {
  const start = (count: number, guesses: number, engineThreads = 1) => {
    const slots = Math.ceil(streams / count);
    const cacheBytes = Math.max(1, slots / 8) * CACHE_BYTES;
    return Array.from({ length: count }, () =>
      startEngineProcess({ slots, cacheBytes, guesses, prefixBytes: 0, threads: engineThreads }),
    );
  };
  const sets: OurEngines = {
    fleet: start(threads, 3),
    plainFleet: start(threads, 0),
    alone: start(1, 3),
    plainAlone: start(1, 0),
    threaded: threads > 1 ? start(1, 3, threads) : [],
    plainThreaded: threads > 1 ? start(1, 0, threads) : [],
  };
  const all = Object.values(sets).flat();
  const close = async () => {
    await Promise.all(all.map((engine) => engine.close()));
  };
  try {
    for (const engine of all) await engine.load(model);
  } catch (error) {
    await close();
    throw error;
  }
  return { sets, [Symbol.asyncDispose]: close };
}
