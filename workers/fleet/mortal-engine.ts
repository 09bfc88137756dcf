// What a place of the engine pool starts, and is told.

import type { Engine, ModelChange } from '../inference/engine.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import type { EngineExit } from '../inference/process/engine-process.ts';
import type { Logger } from '../log.ts';

/** An engine that may die: a child process, or a stand-in that says when. */
export interface MortalEngine extends Engine {
  readonly pid: number;
  /** Resolves when the engine has ended, for whatever reason; says how. */
  readonly exited: Promise<EngineExit>;
  /** Ends it without asking. */
  kill(): void;
}

/** Why an engine is ended, as the log names it. */
export type KillReason = 'no answer' | 'no progress' | 'model changed' | 'model not opened';

/** `onChange` is told of models that the engine opens and closes. */
export type StartEngine = (onChange: (change: ModelChange) => void) => Promise<MortalEngine>;

export interface EngineSeatOptions {
  readonly startEngine: StartEngine;
  /** Asked before each engine: what lay on disk at the last start may have changed since, or gone. */
  readonly models: () => Promise<readonly ModelFolder[]>;
  readonly log: Logger;
  /** Called whenever the engine becomes ready or is gone. */
  readonly onChange: () => void;
}
