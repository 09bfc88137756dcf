// `foresee` in a process of its own, as an engine has: a run of a graph blocks the event loop.

import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import type { ModelFolder } from '../model-folder.ts';
import { compileCache } from '../process/compile-cache.ts';
import type { ForeseeOptions, WindowLoss } from './foresee.ts';

export interface ForeseeTask {
  readonly folder: ModelFolder;
  readonly text: string;
  readonly options: ForeseeOptions;
}

export type ForeseeAnswer = { readonly losses: WindowLoss[] } | { readonly failure: string };

export function foreseeInChild(task: ForeseeTask, signal?: AbortSignal): Promise<WindowLoss[]> {
  // .ts when run from the sources, .js when built.
  const main = new URL(`./foresee-main${extname(import.meta.url)}`, import.meta.url);
  const { name } = task.folder.description;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(main, {
      execArgv: [],
      env: { ...compileCache() },
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    child.on('error', reject);
    child.on('message', (answer: ForeseeAnswer) => {
      if ('losses' in answer) resolve(answer.losses);
      else reject(new Error(`Measuring ${name} failed: ${answer.failure}`));
    });
    // After an answer this changes nothing.
    child.once('exit', (code, killedBy) =>
      reject(
        new SteadyTextError(
          'EngineDied',
          `expected ${name} to be measured, but its process ended with ${killedBy ?? `exit status ${code}`}`,
          { hint: 'SIGKILL often means that memory ran out.' },
        ),
      ),
    );
    child.send(task);
  });
}
