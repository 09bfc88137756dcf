// What the suites of the engine contract are given: a started engine with a model of each kind.

import { expect } from 'vitest';
import { SteadyTextError } from '../../../../workers/errors.ts';
import type { Engine, GenerateInput } from '../../../../workers/inference/engine.ts';
import type { EngineOptions } from '../../../../workers/inference/local-engine.ts';
import type { ModelFolder } from '../../../../workers/inference/model-folder.ts';

export interface ConformanceModels {
  readonly text: ModelFolder;
  readonly embedding: ModelFolder;
  readonly reranking: ModelFolder;
  /** A decoder that ranks; it is loaded by the tests that ask it. */
  readonly ranking: ModelFolder;
  /** Makes an answer of sixty tokens or more. */
  readonly prompt: string;
  /** More tokens than the embedding model takes. */
  readonly longText: string;
}

/** Everything but `start` is there when tests run, and not yet while they are told. */
export interface Given {
  readonly engine: Engine;
  readonly models: ConformanceModels;
  /** The embedding model's name. */
  readonly embedding: string;
  /** Another engine, without models. */
  readonly start: (options: EngineOptions) => Engine;
  /** A generation of the text model with an id of its own. */
  request(changes?: Partial<GenerateInput>): GenerateInput;
}

export async function failure(promise: Promise<unknown>): Promise<SteadyTextError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SteadyTextError);
  return error as SteadyTextError;
}
