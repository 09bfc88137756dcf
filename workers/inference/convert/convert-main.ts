// The process that `convertInChild` starts: takes one task, converts, answers, ends.

import { SteadyTextError } from '../../errors.ts';
import type { ConvertAnswer, ConvertTask } from './convert-in-child.ts';
import { convertModel } from './convert-model.ts';

process.once('message', async (task: ConvertTask) => {
  const answer = await convertModel({
    ...task,
    onProgress: (done, total) => tell({ type: 'progress', done, total }),
  }).then(
    (folder): ConvertAnswer => ({ type: 'converted', folder }),
    (error: unknown): ConvertAnswer =>
      error instanceof SteadyTextError
        ? { type: 'refused', name: error.name as never, message: error.message, hint: error.hint }
        : { type: 'failed', message: String(error) },
  );
  process.off('disconnect', endNow);
  tell(answer, () => process.connected && process.disconnect());
});

// Its parent was killed: nobody waits for the answer, and what is half-written is removed by whoever converts next.
process.on('disconnect', endNow);

function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** A parent that is gone hears nothing. */
function tell(answer: ConvertAnswer, sent: () => void = () => {}): void {
  if (process.connected) process.send!(answer, undefined, {}, sent);
}
