// One run of the postgres program: spawned, waited for until it takes connections, ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SteadyTextError } from '../errors.ts';
import { readAccountFile } from './account-file.ts';
import type { Installation } from './binaries.ts';
import { SERVER_ENVIRONMENT } from './cluster.ts';
import { type DataFolder, logTail } from './data-folder.ts';
import { portRefusal } from './ports.ts';
import { openLog } from './root-folder.ts';
import type { SystemAccount } from './system-account.ts';
import { type Watch, watchOver } from './watch-over.ts';

/** smart waits for clients to leave, fast ends their sessions, immediate leaves recovery to the next start. */
export type StopMode = 'smart' | 'fast' | 'immediate';
const STOP_SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the program has ended, whoever ended it. */
  readonly ended: Promise<void>;
  stop(mode: StopMode): Promise<void>;
  /** SIGKILL: what a crash of the machine or the out-of-memory killer does. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly installation: Installation;
  readonly folder: DataFolder;
  readonly account: SystemAccount | undefined;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Resolves when the server takes connections. Throws PortInUse when another program got the port first. */
export async function runServer(options: ProcessOptions): Promise<ServerProcess> {
  const { folder, port } = options;
  const child = spawnServer(options);
  const state = { ended: false };
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    state.ended = true;
  });
  const failure = new Promise<Error>((resolve) => child.once('error', resolve));
  if (child.pid === undefined) throw startFailure(folder, (await failure).message);

  const watch = watchOver(child.pid, folder);
  ended.then(() => watch.release());
  const deadline = performance.now() + 60_000;
  while (!isReady(folder, child.pid)) {
    if (state.ended) {
      const inUse = (await portRefusal(port)) === 'EADDRINUSE';
      throw inUse ? portInUse(port) : startFailure(folder, logTail(folder), port);
    }
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      await ended;
      throw startFailure(folder, `no connection taken within 60 s. ${logTail(folder)}`);
    }
    await delay(10);
  }
  return { pid: child.pid, port, ended, ...endings(child, ended, watch) };
}

function endings(child: ChildProcess, ended: Promise<void>, watch: Watch): Pick<ServerProcess, 'stop' | 'kill'> {
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    await watch.released;
  };
  return { stop: (mode) => end(STOP_SIGNALS[mode]), kill: () => end('SIGKILL') };
}

function spawnServer({ installation, folder, account, port, settings }: ProcessOptions): ChildProcess {
  const fixed = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings };
  const words = Object.entries(fixed).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openLog(folder, account);
  try {
    return spawn(join(installation.folder, 'bin', 'postgres'), ['-D', folder.cluster, ...words], {
      cwd: folder.root,
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', log, log],
      // Its own session: Ctrl-C in a terminal reaches us alone, and we end the server when nobody needs it any more.
      detached: true,
      ...(account && { uid: account.uid, gid: account.gid }),
    });
  } finally {
    closeSync(log);
  }
}

/** The pid file's eighth line says so once connections are taken, as a primary or a standby: what pg_ctl waits for too. */
function isReady(folder: DataFolder, pid: number): boolean {
  try {
    const lines = (readAccountFile(join(folder.cluster, 'postmaster.pid')) ?? '').split('\n');
    return Number(lines[0]) === pid && /^(ready|standby)\b/.test(lines[7] ?? '');
  } catch {
    return false;
  }
}

function portInUse(port: number): SteadyTextError {
  return new SteadyTextError(
    'PortInUse',
    `Port ${port} of 127.0.0.1 should be free for the embedded server, but another program listens on it`,
    {
      hint: 'Leave --port out to get a free one, give another, or end the other program.',
    },
  );
}

/** The log and not a probe of our own says it: as root we may listen where the server's own account may not. */
function startFailure(folder: DataFolder, reason: string, port?: number): SteadyTextError {
  if (port !== undefined && /could not bind .*: Permission denied/.test(reason)) return portRefused(port);
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `The embedded server on ${folder.root} should have started, but ended: ${reason}`,
    { hint: startHint(folder, reason) },
  );
}

function portRefused(port: number): SteadyTextError {
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `Port ${port} should be one that the embedded server may listen on, but the system does not let its user (ports below 1024 are mostly root's)`,
    {
      hint: 'Give a --port from 1024 up, or leave it out to get a free one.',
    },
  );
}

function startHint(folder: DataFolder, reason: string): string {
  if (!/could not (bind|create any TCP)/.test(reason))
    return `Its log is ${folder.log}. Give another folder with --data if this one is damaged.`;
  return 'This machine cannot listen there: leave listen_addresses out to get 127.0.0.1, or name an address that it has.';
}
