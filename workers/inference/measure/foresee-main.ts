// The process that `foreseeInChild` starts: measures one text, answers, ends.

import { foresee } from './foresee.ts';
import type { ForeseeAnswer, ForeseeTask } from './foresee-in-child.ts';

process.once('message', async ({ folder, text, options }: ForeseeTask) => {
  const answer = await foresee(folder, text, options).then(
    (losses): ForeseeAnswer => ({ losses }),
    (error: unknown): ForeseeAnswer => ({ failure: error instanceof Error ? error.message : String(error) }),
  );
  process.off('disconnect', endNow);
  process.send?.(answer, () => process.connected && process.disconnect());
});

// Its parent is gone: nobody waits for the answer.
process.on('disconnect', endNow);

function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}
