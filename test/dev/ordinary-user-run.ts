// Run as a child by ordinary-user.test.ts, under an ordinary account: what the embedded server does there, as one line of JSON.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultDataFolder } from '../../workers/dev/data-folder.ts';
import { type ServerOptions, startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { closedFolder, serverAccount } from '../../workers/dev/system-account.ts';
import type { SteadyTextError } from '../../workers/errors.ts';

const server = await startEmbeddedServer({ version: 18, temporary: true });
const dataOwner = statSync(join(server.dataDir, 'data')).uid;
await server.stop('immediate');

const unwritable = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
chmodSync(unwritable, 0o500);
const refusal = await refusalOf({ version: 18, dataDir: unwritable });

const unreadable = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
chmodSync(unreadable, 0o000);
const refusalOfUnreadable = await refusalOf({ version: 18, dataDir: unreadable });

const used = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
for (const name of ['owner', 'server.log']) writeFileSync(join(used, name), 'Jane Doe');
const refusalOfUsed = await refusalOf({ version: 18, dataDir: used });
const leftInUsed = readdirSync(used).map((name) => [name, readFileSync(join(used, name), 'utf8')]);

const START = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
/** The highest port that is root's alone; -1 on a system that keeps none. */
const privilegedPort = (existsSync(START) ? Number(readFileSync(START, 'utf8')) : 1024) - 1;
const portRefusal =
  privilegedPort > 0 ? await refusalOf({ version: 18, temporary: true, port: privilegedPort }) : undefined;

console.log(
  JSON.stringify({
    uid: process.getuid!(),
    account: serverAccount() ?? null,
    closed: closedFolder('/root', undefined) ?? null,
    dataFolder: defaultDataFolder('/home/me/.cache/steadytext', 18, undefined),
    dataOwner,
    refusal,
    portRefusal,
    leftBehind: readdirSync(unwritable),
    refusalOfUnreadable,
    refusalOfUsed,
    leftInUsed,
  }),
);

async function refusalOf(options: ServerOptions) {
  try {
    const started = await startEmbeddedServer(options);
    await started.stop('immediate');
    return null;
  } catch (error) {
    const { name, message, hint } = error as SteadyTextError;
    return { name, message, hint };
  }
}
