// Opens an ONNX graph of a model folder as onnxruntime runs it here: nodes in order, on one thread where nobody asks for more.

import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { environment } from '../config.ts';
import type { ModelFolder } from './model-folder.ts';
import { NO_TELEMETRY } from './no-telemetry.ts';
import { openError, runError } from './session-error.ts';

Object.assign(environment(), NO_TELEMETRY);

/** Two engines of one thread are the fastest use of two cores: 9.6 k tokens/s where one of two threads did 8.7 k. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // The arena grows in powers of two and is never given back: 25 MB after long prompts, 30 MB after long texts. The system's
  // allocator, with the thresholds of an engine process, is no slower (steps, prefill chunks, groups of texts: 0.91–1.02).
  enableCpuMemArena: false,
  // What is masked becomes exactly 0 in a softmax. Else it is a number below the smallest normal one (about e^-88), which a
  // CPU adds and multiplies at a fiftieth of its speed. It holds for the whole thread from the first session on.
  extra: { session: { set_denormal_as_zero: '1' } },
};

/**
 * Its `run` throws RunFailed or EngineOutOfMemory where onnxruntime throws. `threads`: of a run, no more than `threadsOf` its model.
 * Throws ModelCorrupt or EngineOutOfMemory.
 */
export async function openSession(folder: ModelFolder, threads = 1): Promise<InferenceSession> {
  const file = join(folder.path, 'graph.onnx');
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(file, { ...SESSION_OPTIONS, intraOpNumThreads: threads });
  } catch (cause) {
    throw openError(folder, file, cause);
  }
  const run = session.run.bind(session) as (...given: unknown[]) => ReturnType<InferenceSession['run']>;
  session.run = async (...given: unknown[]) => {
    try {
      return await run(...given);
    } catch (cause) {
      throw runError(folder, cause);
    }
  };
  return session;
}
