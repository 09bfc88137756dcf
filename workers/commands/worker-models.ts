// The models that a worker starts with, fetched and converted, and those that something else stands in for.

import { isSteadyTextError } from '../errors.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import type { Logger } from '../log.ts';
import type { ConfiguredModel } from './configured-models.ts';

export interface WorkerModels {
  readonly folders: readonly ModelFolder[];
  /** Names of text models that could not be had, where that stops no start. */
  readonly fallback: readonly string[];
  /** The others again: before each engine their folders are looked at. */
  readonly again: (signal: AbortSignal) => Promise<readonly ModelFolder[]>;
}

export type MakeFolder = (model: ConfiguredModel, signal: AbortSignal) => Promise<ModelFolder>;

const NOT_TO_BE_HAD = ['ModelUnavailable', 'ModelCorrupt', 'ModelUnsupported', 'DiskFull'] as const;

/** Throws what hinders one, unless it is a text model and a fallback is asked for. */
export async function workerModels(
  wanted: readonly ConfiguredModel[],
  make: MakeFolder,
  { fallback, log, signal }: { readonly fallback: 'on' | 'off'; readonly log: Logger; readonly signal: AbortSignal },
): Promise<WorkerModels> {
  const missing = new Set<ConfiguredModel>();
  const folders: ModelFolder[] = [];
  for (const model of wanted) {
    try {
      folders.push(await make(model, signal));
    } catch (error) {
      const stoodInFor = fallback === 'on' && model.kind === 'text';
      if (!stoodInFor || !NOT_TO_BE_HAD.some((name) => isSteadyTextError(error, name))) throw error;
      log.warn({ err: error, model: model.name }, 'fallback in place of a model');
      missing.add(model);
    }
  }
  const there = wanted.filter((model) => !missing.has(model));
  return {
    folders,
    fallback: [...missing].map(({ name }) => name),
    async again(until) {
      const made: ModelFolder[] = [];
      for (const model of there) made.push(await make(model, until));
      return made;
    },
  };
}
