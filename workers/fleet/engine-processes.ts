// Engines of a worker as child processes.

import { startHubEngineProcess } from '../inference/hub/hub-process.ts';
import type { EngineOptions } from '../inference/local-engine.ts';
import { startEngineProcess } from '../inference/process/engine-process.ts';
import type { MortalEngine, StartEngine } from './mortal-engine.ts';

export function engineProcesses(options: EngineOptions): StartEngine {
  return async (onChange): Promise<MortalEngine> => {
    const engine = startEngineProcess(options, {}, onChange);
    return { ...engine, kill: () => killProcess(engine.pid) };
  };
}

/** Of models of the hub. */
export const hubEngineProcess: StartEngine = async (onChange) => {
  const engine = startHubEngineProcess({}, onChange);
  return { ...engine, kill: () => killProcess(engine.pid) };
};

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
