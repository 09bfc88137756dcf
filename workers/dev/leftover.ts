// What a server left behind when the process that ran it was killed: its pid file, and perhaps the server itself.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SteadyTextError } from '../errors.ts';
import { readAccountFile } from './account-file.ts';
import type { DataFolder } from './data-folder.ts';
import { processCommand, processUser } from './process-identity.ts';
import type { SystemAccount } from './system-account.ts';

/** After it, no server runs on the folder and no stale pid file stands in the next one's way. Claim the folder first. */
export async function endLeftover(
  folder: DataFolder,
  account: SystemAccount | undefined,
  waitMs = 15_000,
): Promise<void> {
  const pidFile = join(folder.cluster, 'postmaster.pid');
  const pid = Number(readAccountFile(pidFile)?.split('\n')[0]);
  // The account may write any id there: only a process of its own is ended.
  const user = account?.uid ?? process.getuid?.();
  const runs = () => pid > 0 && processUser(pid) === user && (processCommand(pid)?.includes(folder.cluster) ?? false);
  const started = performance.now();
  const forced = { immediately: false };
  if (runs()) process.kill(pid, 'SIGINT');
  while (runs()) {
    const waited = performance.now() - started;
    if (waited > waitMs) throw stillThere(folder, pid);
    if (waited > waitMs / 3 && !forced.immediately) {
      forced.immediately = true;
      process.kill(pid, 'SIGQUIT');
    }
    await delay(20);
  }
  // The id may belong to some other program by now, which PostgreSQL would take for a running server.
  rmSync(pidFile, { force: true });
}

function stillThere(folder: DataFolder, pid: number): SteadyTextError {
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `An earlier server on ${folder.root} should have ended, but process ${pid} is still running`,
    {
      hint: `End it with "kill -QUIT ${pid}" and try again.`,
    },
  );
}
