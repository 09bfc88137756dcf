// A contender without a database, which completes and writes down all, but the last when it is told so.

import { contend } from '../../../../../scripts/bench/queue/contender.ts';

contend(async ({ worker: behaviour }, onStart) => {
  // As left by another process: no part of what this one has enqueued.
  const rows = { completions: 7, 'rows in the log': 7 };
  const run = (loses: string) => {
    onStart();
    if (loses !== 'fails') rows.completions++;
    if (loses === '') rows['rows in the log']++;
  };
  return {
    async enqueueMany(count) {
      for (let left = count; left > 0; left--) run(left === 1 ? behaviour : '');
    },
    enqueueOne: async () => run(''),
    isDrained: async () => true,
    finished: async () => ({ ...rows }),
    stop: async () => {},
  };
});
