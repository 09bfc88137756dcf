// What every implementation of the engine contract does, whatever the models: told as tests, run by engine.test.ts for each
// implementation with tiny models, and by real-models.e2e.test.ts with the real ones.

import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../../../workers/inference/engine.ts';
import type { EngineOptions } from '../../../workers/inference/local-engine.ts';
import { embeddingConformance } from './conformance/embedding.ts';
import { generationConformance } from './conformance/generation.ts';
import type { ConformanceModels, Given } from './conformance/given.ts';
import { lifecycleConformance } from './conformance/lifecycle.ts';
import { rerankingConformance } from './conformance/reranking.ts';

export function engineConformance(
  name: string,
  start: (options: EngineOptions) => Engine,
  openModels: () => Promise<ConformanceModels>,
): void {
  // Time for the real models on a machine that is busy with other tests.
  describe(name, { timeout: 180_000 }, () => {
    let engine: Engine;
    let models: ConformanceModels;
    let asked = 0;

    beforeAll(async () => {
      models = await openModels();
      engine = start({ slots: 3 });
      await engine.load(models.text);
      await engine.load(models.embedding);
      await engine.load(models.reranking);
    }, 600_000);

    afterAll(() => engine.close());

    const given: Given = {
      start,
      get engine() {
        return engine;
      },
      get models() {
        return models;
      },
      get embedding() {
        return models.embedding.description.name;
      },
      request(changes = {}) {
        const model = models.text.description.name;
        const { prompt } = models;
        const defaults = { id: `g${asked++}`, model, prompt, maxTokens: 40, stop: [], temperature: 0, seed: 1 };
        return { ...defaults, ...changes };
      },
    };
    lifecycleConformance(given);
    embeddingConformance(given);
    rerankingConformance(given);
    generationConformance(given);
  });
}
