// What an engine keeps of a model that it has loaded, and of a call that waits until one is open.

import type { SteadyTextError } from '../errors.ts';
import type { LoadedModel, ModelChange } from './engine.ts';
import type { ModelFolder } from './model-folder.ts';
import type { ModelMemory } from './model-memory.ts';
import type { Turns, TurnTaker } from './turns.ts';

export interface ModelToOpen extends TurnTaker {
  cancel(id: string): void;
  close(error: Error): Promise<void>;
}

export interface ResidentModelsOptions<Model> {
  /** Bytes that open models may take together; infinity for no limit. */
  readonly limit: number;
  readonly memory: (folder: ModelFolder) => ModelMemory;
  /** Memory of the process, in bytes. */
  readonly residentBytes: () => number;
  readonly open: (folder: ModelFolder) => Promise<Model>;
  readonly describe: (model: Model) => LoadedModel;
  readonly turns: Turns;
  readonly onChange: (change: ModelChange) => void;
  /** What calls are rejected with when the engine is closed. */
  readonly closed: () => SteadyTextError;
}

/** A call of a model. */
export interface ModelCall<Model, Output> {
  /** Its names in `cancel`; one without any is not cancelled. */
  readonly ids: readonly string[];
  run(model: Model): Promise<Output>;
  /** What it gives when all of it was cancelled before the model was open. */
  cancelled(): Output;
}

export interface Known<Model> {
  readonly folder: ModelFolder;
  readonly memory: ModelMemory;
  /** Settles when it was opened for the first time. */
  readonly loaded: PromiseWithResolvers<LoadedModel>;
  description: LoadedModel | undefined;
  /** While it is open. */
  model: Model | undefined;
  /** Never rejects. */
  opening: Promise<void> | undefined;
  closing: Promise<void> | undefined;
  bytes: number;
  openMs: number;
  staysUntil: number;
  restsUntil: number;
  running: number;
  lastUsed: number;
  /** When the last call of it ended, by performance.now(). */
  calledAt: number | undefined;
}

export interface Waiting<Model> {
  readonly known: Known<Model>;
  readonly left: Set<string>;
  readonly cancelled: string[];
  start(model: Model): void;
  end(): void;
  fail(error: Error): void;
}
