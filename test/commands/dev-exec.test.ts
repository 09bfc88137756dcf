// The command of `steadytext dev --exec` that does not end when it is told to.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runShellCommand } from '../../workers/commands/dev-exec.ts';
import { isAlive } from '../cli/processes.ts';
import { waitFor } from '../support/wait-for.ts';

test.each([
  ['after a while', 300, false],
  ['at a second signal', 600_000, true],
])('is killed %s, with what it started', async (_, graceMs, twice) => {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-exec-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const pids = join(folder, 'pids');
  const first = Promise.withResolvers<'SIGTERM'>();
  const second = Promise.withResolvers<void>();
  // Its child ignores both signals too.
  const deaf = `trap '' TERM INT; sleep 600 & echo $$ $! > ${pids}-; mv ${pids}- ${pids}; wait; sleep 600`;
  const stop = { wanted: first.promise, urgent: second.promise };
  const status = runShellCommand(deaf, process.env, stop, false, graceMs);
  await waitFor(() => existsSync(pids), 'the command to run');
  const running = readFileSync(pids, 'utf8').split(' ').map(Number);
  expect(running.map(isAlive)).toEqual([true, true]);
  first.resolve('SIGTERM');
  if (twice) second.resolve();
  try {
    await waitFor(() => !running.some(isAlive), 'both processes to end', 10_000);
  } finally {
    for (const pid of running) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  expect(await status).toBe(137);
});
