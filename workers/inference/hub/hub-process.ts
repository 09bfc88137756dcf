// The engine for models of the hub behind a child process of its own: what a foreign graph breaks is no engine of converted models.

import type { ModelChange } from '../engine.ts';
import { type EngineProcess, forkEngine } from '../process/engine-process.ts';
import type { HubEngineOptions } from './hub-engine.ts';

/** It loads folders of `openHubModels`, and nothing before it is asked to. */
export function startHubEngineProcess(
  options: HubEngineOptions = {},
  onChange?: (change: ModelChange) => void,
): EngineProcess {
  return forkEngine(new URL('./hub-main', import.meta.url), options, {}, onChange);
}
