// A real PostgreSQL server of our own: for `steadytext dev`, the demo and the tests.
import { isSteadyTextError, SteadyTextError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Installation, locateInstallation, type ServerVersion } from './binaries.ts';
import { makeCluster } from './cluster.ts';
import { assertSameVersion, type DataFolder, makeTemporaryFolder, openDataFolder } from './data-folder.ts';
import { claimFolder, releaseFolder } from './folder-claim.ts';
import { endLeftover } from './leftover.ts';
import { findFreePort, portRefusal } from './ports.ts';
import { readSecrets, type Secrets, writeSecrets } from './secrets.ts';
import { runServer, type ServerProcess, type StopMode } from './server-process.ts';
import { reachableInstallation, serverAccount } from './system-account.ts';

/** Data that stays is always written durably; only a temporary server may trade that for speed. */
export type ServerOptions = {
  readonly version: ServerVersion;
  /** Another one of this version than the npm package's. */
  readonly installation?: Installation;
  /** Taken or refused. Without it: the port of the last start if it is free, else any free one. */
  readonly port?: number;
  /** Settings for the server's command line, such as max_connections. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Logger;
} & ({ readonly dataDir: string } | { readonly temporary: true; readonly durable?: boolean });

export interface EmbeddedServer {
  readonly version: ServerVersion;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** Resolves when the present run has ended, whoever ended it; a restart begins another. */
  readonly ended: Promise<void>;
  /** Of the database `postgres`. */
  readonly superuserUrl: string;
  readonly passwords: Secrets['passwords'];
  /** An address of this server. */
  url(login: string, password: string, database: string): string;
  /** Ends the server for good; a temporary folder is removed. */
  stop(mode?: StopMode): Promise<void>;
  /** Kills the server as a crash would; restart brings it back on the same port, with its data. */
  kill(): Promise<void>;
  restart(mode?: StopMode): Promise<void>;
}

const PORT_TRIES = 10;
const UNSAFE_AND_FAST = { fsync: 'off', full_page_writes: 'off', autovacuum_naptime: '1min' };

export async function startEmbeddedServer(options: ServerOptions): Promise<EmbeddedServer> {
  if (process.platform === 'win32') {
    throw new SteadyTextError('EmbeddedServerFailed', 'The embedded server needs Linux or macOS, but this is Windows', {
      hint: 'Give DATABASE_URL of a server of your own, or run this in WSL.',
    });
  }
  const account = serverAccount();
  const installation = reachableInstallation(options.installation ?? locateInstallation(options.version), account);
  const temporary = 'temporary' in options;
  const folder = temporary ? makeTemporaryFolder(account) : openDataFolder(options.dataDir, account);
  const settings = { ...(temporary && options.durable !== true ? UNSAFE_AND_FAST : {}), ...options.settings };
  let running: ServerProcess;
  let secrets: Secrets;
  let claimed = false;
  try {
    claimFolder(folder);
    claimed = true;
    assertSameVersion(folder, options.version);
    secrets = readSecrets(folder);
    await makeCluster(installation, folder, account, secrets.passwords.postgres);
    await endLeftover(folder, account);
    const start = (port: number) => runServer({ installation, folder, account, settings, port });
    running = options.port === undefined ? await onFreePort(start, secrets.port) : await start(options.port);
    if (running.port !== secrets.port) writeSecrets(folder, { ...secrets, port: running.port });
  } catch (error) {
    if (claimed) releaseFolder(folder);
    throw toUserError(error, folder);
  }
  options.log?.debug({ port: running.port, version: options.version, folder: folder.root }, 'embedded server started');
  const { port } = running;
  const { passwords } = secrets;
  // Without a mode PGSSLMODE would choose one, and this server has no certificate.
  const url = (login: string, password: string, database: string) =>
    `postgresql://${encodeURIComponent(login)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}?sslmode=disable`;
  const again = async () => {
    await endLeftover(folder, account);
    running = await runServer({ installation, folder, account, settings, port });
  };
  return {
    version: options.version,
    port,
    get pid() {
      return running.pid;
    },
    dataDir: folder.root,
    get ended() {
      return running.ended;
    },
    superuserUrl: url('postgres', passwords.postgres, 'postgres'),
    passwords,
    url,
    stop: async (mode = 'fast') => {
      await running.stop(mode);
      releaseFolder(folder);
    },
    kill: () => running.kill(),
    restart: async (mode = 'fast') => {
      await running.stop(mode);
      await again();
    },
  };
}

/** The wished port if it is free, else others: between finding a free port and taking it another program may be faster. */
async function onFreePort(start: (port: number) => Promise<ServerProcess>, wished: number | undefined) {
  let port = wished !== undefined && !(await portRefusal(wished)) ? wished : await findFreePort();
  for (let tries = 1; ; tries++) {
    try {
      return await start(port);
    } catch (error) {
      if (!isSteadyTextError(error, 'PortInUse') || tries === PORT_TRIES) throw error;
      port = await findFreePort();
    }
  }
}

function toUserError(error: unknown, folder: DataFolder): SteadyTextError {
  if (error instanceof SteadyTextError) return error;
  return new SteadyTextError(
    'EmbeddedServerFailed',
    `A server should run on ${folder.root}, but: ${(error as Error).message}`,
    {
      hint: 'Check that the folder belongs to whoever runs this command, and that the disk is not full.',
      cause: error,
    },
  );
}
