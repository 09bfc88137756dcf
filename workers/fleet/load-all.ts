// Gives an engine the models of a worker.

import type { Engine, LoadedModel, ResidentModel } from '../inference/engine.ts';
import type { ModelFolder } from '../inference/model-folder.ts';

/**
 * The first ones last: where not all fit, those are open when the first request comes. Those that an engine `before` has described stay
 * closed, if they are still what they were.
 */
export async function loadAll(
  engine: Engine,
  models: readonly ModelFolder[],
  before: readonly ResidentModel[],
): Promise<LoadedModel[]> {
  const loaded: LoadedModel[] = [];
  for (const folder of models.toReversed()) {
    const { name, digest, format, converterVersion } = folder.description;
    const its = before.find((model) => model.name === name);
    if (its?.digest !== digest || its.format !== format || its.converterVersion !== converterVersion) {
      loaded.push(await engine.load(folder));
      continue;
    }
    const { resident: _, loadMs: __, bytes, idleMs: ___, ...described } = its;
    await engine.know({ folder, described, bytes });
    loaded.push(described);
  }
  return loaded.reverse();
}
