// Converts a model in a process of its own: reading and writing 150 MB of weights blocks a thread for seconds, in which a
// worker would renew no lease.

import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { type ErrorName, SteadyTextError } from '../../errors.ts';
import type { ModelFolder } from '../model-folder.ts';
import { compileCache } from '../process/compile-cache.ts';
import type { ConvertOptions } from './convert-model.ts';

/** What crosses to the child: plain data. */
export type ConvertTask = Omit<ConvertOptions, 'onProgress' | 'write'>;

/** What comes back: any number of `progress`, then one of the others. */
export type ConvertAnswer =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'converted'; readonly folder: ModelFolder }
  | { readonly type: 'refused'; readonly name: ErrorName; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'failed'; readonly message: string };

export interface ChildOptions {
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the child; what it has written is removed by whoever sweeps the temporary folders next. */
  readonly signal?: AbortSignal;
  /** Called with the child's process id. */
  readonly onStart?: (pid: number) => void;
}

export function convertInChild(task: ConvertTask, options: ChildOptions = {}): Promise<ModelFolder> {
  const { onProgress, signal, onStart } = options;
  // .ts when run from the sources, .js when built.
  const main = new URL(`./convert-main${extname(import.meta.url)}`, import.meta.url);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(main, {
      serialization: 'advanced',
      execArgv: [],
      // As for engines: the database's password is not for a process that reads foreign files.
      env: { ...compileCache() },
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    child.once('spawn', () => onStart?.(child.pid!));
    // Stopped, it still runs for a moment and may write: the end that counts is its exit.
    let failure: Error | undefined;
    child.on('error', (error) => {
      if (child.pid === undefined) reject(error);
      failure ??= error;
    });
    child.on('message', (answer: ConvertAnswer) => {
      if (answer.type === 'progress') onProgress?.(answer.done, answer.total);
      else if (answer.type === 'converted') resolve(answer.folder);
      else if (answer.type === 'refused')
        reject(new SteadyTextError(answer.name, naming(task, answer), hinted(answer.hint)));
      else reject(new Error(`Converting ${task.manifestEntry.name} failed: ${answer.message}`));
    });
    // After an answer this changes nothing.
    child.once('exit', (code, killedBy) => reject(failure ?? endedEarly(task, killedBy ?? `exit status ${code}`)));
    child.send(task);
  });
}

/** What is wrong with a source file names its place in the store, which is a digest: the user knows the model by its name. */
function naming(
  { manifestEntry }: ConvertTask,
  { name, message }: Extract<ConvertAnswer, { type: 'refused' }>,
): string {
  return name === 'ModelCorrupt' || name === 'ModelUnsupported' ? `Model ${manifestEntry.name}: ${message}` : message;
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

function endedEarly({ manifestEntry, format }: ConvertTask, how: string): SteadyTextError {
  const what = `Expected model ${manifestEntry.name} to be converted to ${format}, but the converter ended with ${how}`;
  return new SteadyTextError('ModelUnavailable', what, {
    hint: 'Nothing half-written was kept. SIGKILL often means that memory ran out. Start it again.',
  });
}
