// The parent's side of an echo engine in a process of its own.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { SteadyTextError } from '../../../workers/errors.ts';
import type { MortalEngine } from '../../../workers/fleet/mortal-engine.ts';
import type { EngineExit } from '../../../workers/inference/process/engine-process.ts';
import { errorOf, type FromEngine, type Verb } from '../../../workers/inference/process/messages.ts';

interface OpenCall {
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
  readonly onText?: ((piece: string) => void) | undefined;
  readonly onBegin?: ((begun: boolean) => void) | undefined;
}

export async function echoEngineProcess(delayMs: number): Promise<MortalEngine> {
  const child = fork(join(import.meta.dirname, 'echo-engine-main.ts'), [JSON.stringify({ delayMs })], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const calls = new Map<number, OpenCall>();
  let last = 0;
  child.on('message', (message: FromEngine) => {
    if (message.kind === 'change') return;
    const open = calls.get(message.call);
    if (message.kind === 'piece') return open?.onText?.(message.text);
    if (message.kind === 'begun') return open?.onBegin?.(message.begun);
    calls.delete(message.call);
    if (message.kind === 'answer') open?.resolve(message.output as never);
    else open?.reject(errorOf(message.failure));
  });
  const exited = new Promise<EngineExit>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of calls.values()) reject(new SteadyTextError('EngineDied', `it ended: ${signal ?? code}`));
      resolve({ code, signal });
    });
  });
  const call = <Output>(
    verb: Verb,
    input?: unknown,
    onText?: (piece: string) => void,
    onBegin?: (begun: boolean) => void,
  ) =>
    new Promise<Output>((resolve, reject) => {
      calls.set(++last, { resolve, reject, onText, onBegin });
      const hooks = { pieces: onText !== undefined, begins: onBegin !== undefined };
      child.send({ kind: 'call', call: last, verb, input, ...hooks }, () => undefined);
    });
  return {
    pid: child.pid!,
    exited,
    kill: () => void child.kill('SIGKILL'),
    load: (folder) => call('load', folder),
    embed: (input) => call('embed', input),
    rerank: (input) => call('rerank', input),
    generate: (input, onText, onBegin) => call('generate', input, onText, onBegin),
    divide: (input) => call('divide', input),
    cancel: (id) => void child.send({ kind: 'cancel', id }, () => undefined),
    know: (its) => call('know', its),
    unload: (model) => call('unload', model),
    open: (model) => call('open', model),
    shut: (model) => call('shut', model),
    bound: (bounds) => call('bound', bounds),
    describe: () => call('describe'),
    async close() {
      child.disconnect();
      await exited;
    },
  };
}
