// Serves the engine contract to the parent over the IPC channel, and ends when the parent goes away.

import { flushCompileCache } from 'node:module';
import type { Engine, ModelChange } from '../engine.ts';
import { type FromEngine, failureOf, type ToEngine } from './messages.ts';

export function serveEngine(engine: Engine): void {
  process.on('message', (message: ToEngine) => {
    if (message.kind === 'cancel') engine.cancel(message.id);
    else void answer(engine, message);
  });

  // Nothing else keeps this process alive: without the channel and without work, Node ends it.
  process.on('disconnect', () => void engine.close());

  // A terminal sends these to the whole group; whether work is finished first is the parent's to decide.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

export function tellChange(change: ModelChange): void {
  tell({ kind: 'change', change });
}

async function answer(
  engine: Engine,
  { call, verb, input, pieces, begins }: ToEngine & { kind: 'call' },
): Promise<void> {
  const onText = pieces ? (text: string) => tell({ kind: 'piece', call, text }) : undefined;
  const onBegin = begins ? (begun: boolean) => tell({ kind: 'begun', call, begun }) : undefined;
  try {
    // Each verb takes the input that its caller gave: EngineProcess is typed by the same contract.
    const run = engine[verb] as (input: unknown, ...hooks: unknown[]) => Promise<unknown>;
    tell({ kind: 'answer', call, output: await run(input, onText, onBegin) });
    // Node would write it at a regular end only, which an engine may not have.
    if (verb === 'load') flushCompileCache();
  } catch (error) {
    tell({ kind: 'failure', call, failure: failureOf(error) });
  }
}

function tell(message: FromEngine): void {
  if (process.connected) process.send!(message, () => undefined);
}
