// What onnxruntime says when it cannot open or run a graph, in our words. Its own are those of C++: memory that ran out while a
// graph was opened came as a graph that cannot be loaded.

import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import type { ModelFolder } from './model-folder.ts';

/** std::bad_alloc and mmap's ENOMEM come from the system's allocator, the third from onnxruntime's own, the last from V8's. */
const OUT_OF_MEMORY = /std::bad_alloc|Cannot allocate memory|Failed to allocate memory|Array buffer allocation failed/;

/** ModelCorrupt, or EngineOutOfMemory. */
export function openError({ description: { name } }: ModelFolder, file: string, cause: unknown): SteadyTextError {
  const reason = reasonOf(cause);
  if (OUT_OF_MEMORY.test(reason)) return outOfMemory(`to open ${name}`, reason, cause);
  return new SteadyTextError('ModelCorrupt', `expected a graph that onnxruntime can load in ${file}: ${reason}`, {
    hint: `\`steadytext models pull ${name}\` reads every file again, and replaces what is damaged.`,
    cause,
  });
}

/**
 * RunFailed: what a graph cannot compute once it cannot the next time either, as the same input is the same work.
 * EngineOutOfMemory: another engine, or this one a moment later, may have more.
 */
export function runError({ description: { name } }: ModelFolder, cause: unknown): SteadyTextError {
  const reason = reasonOf(cause);
  if (OUT_OF_MEMORY.test(reason)) return outOfMemory(`to run ${name}`, reason, cause);
  return new SteadyTextError('RunFailed', `expected onnxruntime to run ${name}: ${reason}`, {
    hint: 'The graph does not compute this input: change it, or use another model.',
    cause,
  });
}

function outOfMemory(forWhat: string, reason: string, cause: unknown): SteadyTextError {
  return new SteadyTextError('EngineOutOfMemory', `expected memory ${forWhat}: ${reason}`, {
    hint: `Allow the process more memory, or set ${CONFIG_VARIABLES.engines} or ${CONFIG_VARIABLES.kvCacheMb} lower.`,
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return String((cause as Error).message ?? cause).split('\n')[0]!;
}
