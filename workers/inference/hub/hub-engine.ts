// The engine contract for models of the hub, over transformers.js in this process. One model call at a time: a generation, or one
// text of a batch. Equal requests mostly have equal answers, and nothing promises it: the graphs are anybody's.

import type { Engine, ModelChange } from '../engine.ts';
import { createLocalEngine } from '../local-engine.ts';
import type { HubModelOptions } from './open-hub-model.ts';
import { openHubModel } from './open-hub-model.ts';
import { loadTransformers, TRANSFORMERS_VERSION, type TransformersLibrary } from './transformers-library.ts';

export interface HubEngineOptions {
  /** Of onnxruntime, for each run. Default 1. */
  readonly threads?: number;
}

export function createHubEngine(
  { threads = 1 }: HubEngineOptions = {},
  onChange: (change: ModelChange) => void = () => undefined,
): Engine {
  let library: Promise<TransformersLibrary> | undefined;
  let tokens = 0;
  const running = new Set<string>();
  const onStep = () => {
    tokens++;
  };
  const engine = createLocalEngine({ threads }, onChange, async (folder) => {
    library ??= loadTransformers();
    const options: HubModelOptions = { library: await library, threads, onStep };
    return openHubModel(folder, options);
  });
  return {
    ...engine,
    async generate(input, onText, onBegin) {
      running.add(input.id);
      try {
        return await engine.generate(input, onText, onBegin);
      } finally {
        running.delete(input.id);
      }
    },
    async describe() {
      const description = await engine.describe();
      return {
        ...description,
        engineVersion: `transformers.js ${TRANSFORMERS_VERSION}`,
        // A turn is a whole generation here, which may take longer than an engine may stand still.
        turnsTaken: description.turnsTaken + tokens,
      };
    },
    async close() {
      for (const id of running) engine.cancel(id);
      await engine.close();
    },
  };
}
