// The process that `convertInChild` starts: takes one task, converts, answers, ends.

import { writeSync } from 'node:fs';
import { SteadyTextError } from '../../errors.ts';
import type { ConvertAnswer, ConvertTask } from './convert-in-child.ts';
import { convertModel } from './convert-model.ts';

const parent = process.ppid;
let orphaned = false;

process.once('message', async (task: ConvertTask) => {
  const answer = await convertModel({
    ...task,
    onProgress: (done, total) => tell({ type: 'progress', done, total }),
    write: (descriptor, bytes) => {
      if (process.ppid !== parent) stopWriting();
      return writeSync(descriptor, bytes);
    },
  }).then(
    (folder): ConvertAnswer => ({ type: 'converted', folder }),
    (error: unknown): ConvertAnswer =>
      error instanceof SteadyTextError
        ? { type: 'refused', name: error.name as never, message: error.message, hint: error.hint }
        : { type: 'failed', message: String(error) },
  );
  if (orphaned) endNow();
  process.off('disconnect', endNow);
  tell(answer, () => process.connected && process.disconnect());
});

// Its parent was killed: nobody waits for the answer, and what is half-written is removed by whoever converts next.
process.on('disconnect', endNow);

/**
 * The channel's end is heard between two turns of the event loop, and writing is one turn of seconds. Thrown, and not ended at
 * once, so that what is half-written is removed on the way out.
 */
function stopWriting(): never {
  orphaned = true;
  process.off('disconnect', endNow);
  throw new Error('the process that asked for it was killed');
}

function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** A parent that is gone hears nothing. */
function tell(answer: ConvertAnswer, sent: () => void = () => {}): void {
  if (process.connected) process.send!(answer, undefined, {}, sent);
}
