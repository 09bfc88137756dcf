// Ends the server when our process is gone without having ended it, by kill -9 for instance: a shell waits on a pipe whose
// other end only we hold, and the system closes that end for us in every case.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SERVER_ENVIRONMENT } from './cluster.ts';
import type { DataFolder } from './data-folder.ts';

// A word on the pipe says that the server has ended in order. $1 is the server, $2 a temporary folder to remove after it.
const SCRIPT = `
read -r word && exit 0
kill -INT "$1"
while kill -0 "$1"; do sleep 0.1; done
[ -n "$2" ] && rm -rf "$2"
`;

export interface Watch {
  /** To be called when the server has ended. */
  release(): void;
  readonly released: Promise<void>;
}

export function watchOver(pid: number, folder: DataFolder): Watch {
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'watch', String(pid), folder.temporary ? folder.root : ''], {
    cwd: '/',
    env: SERVER_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const released = once(watcher, 'exit').then(
    () => undefined,
    () => undefined,
  );
  watcher.stdin.on('error', () => undefined);
  return { release: () => watcher.stdin.end('ended\n'), released };
}
