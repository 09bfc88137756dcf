// Run as a child by ordinary-user.test.ts, under an ordinary account: what the embedded server does there, as one line of JSON.
import { chmodSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultDataFolder } from '../../workers/dev/data-folder.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { closedFolder, serverAccount } from '../../workers/dev/system-account.ts';

const server = await startEmbeddedServer({ version: 18, temporary: true });
const dataOwner = statSync(join(server.dataDir, 'data')).uid;
await server.stop('immediate');

const unwritable = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
chmodSync(unwritable, 0o500);
const refusal = await startEmbeddedServer({ version: 18, dataDir: unwritable }).then(
  async (started) => {
    await started.stop('immediate');
    return null;
  },
  ({ name, hint }) => ({ name, hint }),
);

console.log(
  JSON.stringify({
    uid: process.getuid!(),
    account: serverAccount() ?? null,
    closed: closedFolder('/root', undefined) ?? null,
    dataFolder: defaultDataFolder('/home/me/.cache/steadytext', 18, undefined),
    dataOwner,
    refusal,
    leftBehind: readdirSync(unwritable),
  }),
);
