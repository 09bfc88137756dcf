// PostgreSQL's programs in a folder whose name the shell commands that they run cannot carry.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { locateInstallation } from '../../workers/dev/binaries.ts';
import { makeCluster } from '../../workers/dev/cluster.ts';
import { makeTemporaryFolder } from '../../workers/dev/data-folder.ts';
import { giveTo, serverAccount } from '../../workers/dev/system-account.ts';

test('is told as that, and not as a full disk', async () => {
  const account = serverAccount();
  const folder = makeTemporaryFolder(account);
  onTestFinished(() => rmSync(folder.root, { recursive: true }));
  const installation = locateInstallation(18);
  const programs = join(folder.root, 'my "own"');
  cpSync(installation.folder, programs, { recursive: true, verbatimSymlinks: true });
  giveTo(account, programs);
  await expect(makeCluster({ ...installation, folder: programs }, folder, account, 'a password')).rejects.toMatchObject(
    {
      name: 'EmbeddedServerFailed',
      hint: expect.stringContaining(`in its path: move ${programs}/bin elsewhere`),
    },
  );
});
