// A ready-made graph as if nothing had been found in it that mixes the texts of a batch: it then
// gives other bytes in company.

import type { ModelFolder, ModelShape, ReadyMadeEncoderShape } from '../../../workers/inference/model-folder.ts';

export function mixing({ path, description }: ModelFolder): ModelFolder {
  const shape = description.shape as ReadyMadeEncoderShape;
  const { alone: _, ...graph } = shape.graph;
  return { path, description: { ...description, shape: { ...shape, graph } as ModelShape } };
}
