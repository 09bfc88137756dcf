// How an engine ended, as the errors of its requests say it.

import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import type { EngineExit } from '../inference/process/engine-process.ts';

const OUT_OF_MEMORY = `The kernel does this where memory runs out: allow more of it, or set ${CONFIG_VARIABLES.engines} or ${CONFIG_VARIABLES.kvCacheMb} lower.`;

/** `killed`: why the worker ended it, if it did; `started`: whether it had all its models. */
export function deathOf({ code, signal }: EngineExit, killed: string | null, started: boolean): SteadyTextError {
  const why = signal === 'SIGKILL' ? killed : null;
  const how = why ?? (signal === null ? `ended with status ${code}` : `was ended by signal ${signal}`);
  return new SteadyTextError(
    'EngineDied',
    started ? `the engine ${how} while it ran this request` : `the engine did not start: it ${how}`,
    signal === 'SIGKILL' && why === null ? { hint: OUT_OF_MEMORY } : {},
  );
}

export function notRunning(): SteadyTextError {
  return new SteadyTextError('EngineDied', 'the engine is not running');
}
