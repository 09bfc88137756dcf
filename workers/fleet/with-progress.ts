// Notes the signs of life of an engine's work.

import type { Engine, GenerateInput } from '../inference/engine.ts';

/**
 * The same engine; every finished call and every piece of text counts as a sign of life. Of batches under way the engine
 * tells when it is asked how it is (`groupsRun`).
 */
export function withProgress(engine: Engine, onProgress: () => void): Engine {
  const noted = async <T>(call: Promise<T>): Promise<T> => {
    const output = await call;
    onProgress();
    return output;
  };
  return {
    load: (folder) => engine.load(folder),
    embed: (input) => noted(engine.embed(input)),
    rerank: (input) => noted(engine.rerank(input)),
    generate: (input: GenerateInput, onText) =>
      noted(
        engine.generate(input, (piece) => {
          onProgress();
          onText?.(piece);
        }),
      ),
    cancel: (id) => engine.cancel(id),
    unload: (model) => engine.unload(model),
    describe: () => engine.describe(),
    close: () => engine.close(),
  };
}
