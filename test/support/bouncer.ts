// A real pgbouncer in transaction mode, with one server connection for each login. Tests that need it skip themselves, with
// the package's name, where it is not installed.
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { findFreePort } from '../../workers/dev/ports.ts';
import { serverAccount } from '../../workers/dev/system-account.ts';
import { waitFor } from './wait-for.ts';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync);

export interface Bouncer {
  /** The same address, through the bouncer. */
  url(direct: string): string;
}

/** For the logins of these direct addresses, which are all of one server. It ends with the test. */
export async function startBouncer(context: TestContext, addresses: readonly string[]): Promise<Bouncer> {
  if (PROGRAM === undefined) context.skip('pgbouncer is not installed (apt-get install pgbouncer)');
  // Like PostgreSQL it refuses to run as root.
  const account = serverAccount();
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-bouncer-'));
  const port = await findFreePort();
  const file = (name: string, lines: readonly string[]) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
    if (account) chownSync(path, account.uid, account.gid);
    return path;
  };
  const urls = addresses.map((address) => new URL(address));
  const logins = file(
    'logins',
    urls.map(({ username, password }) => `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"`),
  );
  const settings = file('settings.ini', [
    '[databases]',
    `* = host=${urls[0]!.hostname} port=${urls[0]!.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${logins}`,
    'pool_mode = transaction',
    'default_pool_size = 1',
  ]);
  if (account) chownSync(folder, account.uid, account.gid);
  const child = spawn(PROGRAM!, [settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await waitFor(() => isListening(port), 'the bouncer to listen').catch((error: Error) => {
    throw new Error(`${error.message}\n${log}`);
  });
  return {
    url(direct) {
      const url = new URL(direct);
      url.port = String(port);
      return url.href;
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
