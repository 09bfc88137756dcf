// The engine contract over a child process. A crash in native code, or the kernel's out-of-memory killer, takes the child
// and not the worker: whatever it was running is rejected with EngineDied.

import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SteadyTextError } from '../../errors.ts';
import type { Engine, ModelChange } from '../engine.ts';
import type { EngineOptions } from '../local-engine.ts';
import { compileCache } from './compile-cache.ts';
import { errorOf, type FromEngine, type ToEngine, type Verb } from './messages.ts';

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface EngineProcess extends Engine {
  readonly pid: number;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<EngineExit>;
}

interface OpenCall {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onText: ((piece: string) => void) | undefined;
  readonly onBegin: ((begun: boolean) => void) | undefined;
}

/**
 * Nothing of ours: the database's password is not for a process that runs foreign weights. What is here is for glibc's
 * allocator. Weights lie in huge pages, where the kernel gives them (transparent_hugepage at madvise; at always this heap gets them bit by bit): a decode step
 * reads all of them, and in pages of 4 KiB it took 17–25 ms on a virtual machine, whose page tables are two deep, and as much
 * as the neighbours left of the caches; in huge ones 14–15. What takes 2 MiB and more (attention scores of long prompts,
 * logits) comes in pages of its own and goes back at once: from the heap, at 4 MiB, an engine peaked 40 MB higher. At 1 MiB
 * the matrices of a layer came in pages of their own too, too small for huge ones.
 */
const ENVIRONMENT = {
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '2097152',
  MALLOC_TRIM_THRESHOLD_: '2097152',
};

/**
 * A small nursery, and a first collection of old objects at 16 MB: V8's own limit is so far away that what is left of reading
 * tokenizers and texts stays. With long prompts and long texts an engine in row8 with both default models peaks at 478 MB.
 */
const HEAP = ['--max-semi-space-size=2', '--initial-old-space-size=16'];

/** How long a closing engine may take to end by itself: longer than the longest step, a prefill chunk. */
const CLOSE_MS = 5_000;

/**
 * Starts an engine; it loads nothing before it is asked to. `environment` is added to what every engine has; `onChange` is told of
 * models that it opens and closes.
 */
export function startEngineProcess(
  options: EngineOptions = {},
  environment: Readonly<Record<string, string>> = {},
  onChange: (change: ModelChange) => void = () => undefined,
): EngineProcess {
  return forkEngine(new URL('./engine-main', import.meta.url), options, environment, onChange);
}

/** `main` without its extension, which is that of this file; it gets the options as JSON, and serves (serve-engine.ts). */
export function forkEngine(
  main: URL,
  options: object,
  environment: Readonly<Record<string, string>> = {},
  onChange: (change: ModelChange) => void = () => undefined,
): EngineProcess {
  const file = fileURLToPath(main) + extname(fileURLToPath(import.meta.url));
  const child = fork(file, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: HEAP,
    env: { ...environment, ...ENVIRONMENT, ...compileCache() },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw died('it could not be started');

  const calls = new Map<number, OpenCall>();
  let lastCall = 0;
  let death: SteadyTextError | undefined;
  const exited = exitOf(child);

  function die(reason: string): void {
    death ??= died(`process ${pid} ${reason}`);
    for (const { reject } of calls.values()) reject(death);
    calls.clear();
  }

  function send(message: ToEngine): void {
    child.send(message, (error) => {
      if (error) die(`cannot be reached: ${error.message}`);
    });
  }

  function call<Output>(
    verb: Verb,
    input?: unknown,
    onText?: (piece: string) => void,
    onBegin?: (begun: boolean) => void,
  ): Promise<Output> {
    if (death) return Promise.reject(death);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    lastCall++;
    calls.set(lastCall, { resolve, reject, onText, onBegin });
    send({ kind: 'call', call: lastCall, verb, input, pieces: onText !== undefined, begins: onBegin !== undefined });
    return promise as Promise<Output>;
  }

  child.on('message', (message: FromEngine) => {
    if (message.kind === 'change') return onChange(message.change);
    const open = calls.get(message.call);
    if (message.kind === 'piece') return open?.onText?.(message.text);
    if (message.kind === 'begun') return open?.onBegin?.(message.begun);
    calls.delete(message.call);
    if (message.kind === 'answer') open?.resolve(message.output);
    else open?.reject(errorOf(message.failure));
  });
  child.on('error', (error) => die(`failed: ${error.message}`));
  void exited.then(({ code, signal }) => die(signal ? `was ended by ${signal}` : `ended with status ${code}`));

  return {
    pid,
    exited,
    load: (folder) => call('load', folder),
    embed: (input) => call('embed', input),
    rerank: (input) => call('rerank', input),
    generate: (input, onText, onBegin) => call('generate', input, onText, onBegin),
    divide: (input) => call('divide', input),
    cancel: (id) => {
      if (!death) send({ kind: 'cancel', id });
    },
    know: (its) => call('know', its),
    unload: (model) => call('unload', model),
    open: (model) => call('open', model),
    shut: (model) => call('shut', model),
    bound: (bounds) => call('bound', bounds),
    describe: () => call('describe'),
    async close() {
      if (!death) die('was closed');
      if (child.connected) child.disconnect();
      const impatience = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      await exited;
      clearTimeout(impatience);
    },
  };
}

function exitOf(child: ChildProcess): Promise<EngineExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function died(reason: string): SteadyTextError {
  return new SteadyTextError('EngineDied', `expected a running engine: ${reason}`, {
    hint: 'The work can be sent again to another engine; look for memory limits when it happens again.',
  });
}
