// Single-threaded engine processes with the embedding model, and texts dealt to them as the fleet deals them.

import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { type EngineProcess, startEngineProcess } from '../../../workers/inference/process/engine-process.ts';

/** Texts of a call, and calls that an engine has open, as a worker has them by default. */
export const BATCH = 32;
const CALLS = 2;

export interface OurEngines extends AsyncDisposable {
  readonly engines: readonly EngineProcess[];
  readonly onnxruntime: string;
  readonly cpuClass: string;
}

export async function startOurEngines(model: ModelFolder, count: number): Promise<OurEngines> {
  const engines = Array.from({ length: count }, () => startEngineProcess());
  const close = async () => {
    await Promise.all(engines.map((engine) => engine.close()));
  };
  try {
    for (const engine of engines) await engine.load(model);
    const { onnxruntimeVersion, cpuClass } = await engines[0]!.describe();
    return { engines, onnxruntime: onnxruntimeVersion, cpuClass, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

export interface Embedded {
  readonly ms: number;
  readonly vectors: readonly Float32Array[];
  /** Of all texts together. */
  readonly tokens: number;
}

/** Calls of 32 texts in the order in which they come, each to the engine that has room for one. */
export async function embedWithEngines(
  engines: readonly EngineProcess[],
  model: string,
  texts: readonly string[],
  batch = BATCH,
): Promise<Embedded> {
  const begun = performance.now();
  const vectors: Float32Array[] = [];
  let [next, tokens] = [0, 0];
  const lane = async (engine: EngineProcess) => {
    while (next < texts.length) {
      const first = next;
      next += batch;
      const output = await engine.embed({ model, texts: texts.slice(first, first + batch) });
      for (const [i, vector] of output.vectors.entries()) vectors[first + i] = vector;
      tokens += output.tokens.reduce((sum, each) => sum + each, 0);
    }
  };
  await Promise.all(engines.flatMap((engine) => Array.from({ length: CALLS }, () => lane(engine))));
  return { ms: performance.now() - begun, vectors, tokens };
}
