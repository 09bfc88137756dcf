// Where a result came from. Equal receipts (truncation and finish aside) promise equal bytes for equal requests.

import type { EngineDescription, LoadedModel } from '../inference/engine.ts';

export function receiptOf(engine: EngineDescription, model: LoadedModel): Readonly<Record<string, unknown>> {
  return Object.freeze({
    model: model.name,
    digest: model.digest,
    format: model.format,
    converter: model.converterVersion,
    engine: engine.engineVersion,
    onnxruntime: engine.onnxruntimeVersion,
    cpu_class: engine.cpuClass,
  });
}
