// An echo engine in a process of its own: it can be killed, stopped and poisoned like a real one. Texts say what befalls
// it: "poison" ends the process as a fault in native code would.

import { setTimeout as sleep } from 'node:timers/promises';
import { type FromEngine, failureOf, type ToEngine } from '../../../workers/inference/process/messages.ts';
import { echoEngine } from '../../fleet/support/echo-engine.ts';

const { delayMs } = JSON.parse(process.argv[2]!) as { delayMs: number };

const engine = echoEngine({
  onText: async (text) => {
    if (text.includes('poison')) process.abort();
    if (delayMs > 0) await sleep(delayMs);
  },
});

const tell = (message: FromEngine) => process.connected && process.send!(message, () => undefined);

process.on('message', async (message: ToEngine) => {
  if (message.kind === 'cancel') return engine.cancel(message.id);
  const { call, verb, input, pieces } = message;
  const onText = pieces ? (text: string) => tell({ kind: 'piece', call, text }) : undefined;
  try {
    const run = engine[verb] as (input: unknown, onText?: (text: string) => void) => Promise<unknown>;
    const output = await run(input, onText);
    tell({ kind: 'answer', call, output: verb === 'describe' ? { ...(output as object), pid: process.pid } : output });
  } catch (error) {
    tell({ kind: 'failure', call, failure: failureOf(error) });
  }
});
process.on('disconnect', () => process.exit(0));
