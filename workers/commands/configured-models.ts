// The models that a configuration names, each of the kind that it is named for.

import { CONFIG_VARIABLES, type Config } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import type { ModelKind } from '../inference/engine.ts';
import { type ChosenFormat, formatOfModel } from '../inference/format-of-model.ts';
import type { ManifestEntry } from '../inference/store/manifest.ts';
import type { ModelStore } from '../inference/store/model-store.ts';
import type { Logger } from '../log.ts';

export interface ConfiguredModel extends ChosenFormat {
  readonly name: string;
  readonly kind: ModelKind;
}

const FIELDS = [
  ['textModel', 'text'],
  ['embeddingModel', 'embedding'],
  ['rerankingModel', 'reranking'],
] as const;

/**
 * The first of each kind come first. Throws InvalidConfiguration with all that is wrong at once: one that the manifest does not have, and one of another kind, which
 * would load well while requests of its type wait for ever.
 */
export function configuredModels(
  config: Config,
  { root, entries }: Pick<ModelStore, 'root' | 'entries'>,
  log?: Logger,
): ConfiguredModel[] {
  const models: ConfiguredModel[] = [];
  const problems: string[] = [];
  const named = FIELDS.flatMap(([field, kind]) =>
    (config[field] ?? []).map((name, rank) => ({ field, kind, name, rank })),
  );
  for (const { field, kind, name } of named.toSorted((a, b) => a.rank - b.rank)) {
    const model = entries.find((entry) => entry.name === name);
    const expected = `${CONFIG_VARIABLES[field]}: expected a model of kind ${kind}`;
    if (!model) problems.push(`${expected} (${namesOfKind(entries, kind)}), got ${JSON.stringify(name)}`);
    else if (model.kind !== kind) problems.push(`${expected}, got ${name} of kind ${model.kind}`);
    else models.push({ name, kind, ...formatOfModel(root, model, config.modelFormat, log) });
  }
  if (problems.length === 0) return models;
  throw new SteadyTextError('InvalidConfiguration', problems.join('\n'), {
    hint: '`steadytext models list` tells the models and their kinds; docs/models.md how to add one.',
  });
}

function namesOfKind(entries: readonly ManifestEntry[], kind: ModelKind): string {
  const names = entries.filter((entry) => entry.kind === kind).map((entry) => entry.name);
  return names.join(', ') || 'the manifest has none';
}
