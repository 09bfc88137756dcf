// What a server left behind when the process that ran it was killed: its pid file, and perhaps the server itself.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SteadyTextError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import { processCommand } from './process-identity.ts';

/** After it, no server runs on the folder and no stale pid file stands in the next one's way. Claim the folder first. */
export async function endLeftover(folder: DataFolder, waitMs = 15_000): Promise<void> {
  const pidFile = join(folder.cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const runs = () => pid > 0 && (processCommand(pid)?.includes(folder.cluster) ?? false);
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
