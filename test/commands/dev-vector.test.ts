// `steadytext dev --with vector`: pgvector in its database, also at a later start that does not ask for it.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testCacheDir } from '../inference/store/test-cache.ts';
import { runSteadytext } from './steadytext-process.ts';

const UNREACHABLE = /the package index could not be reached|python3 is not installed|No module named pip/;

test('who is no superuser uses it, and the next start needs no flag', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-vector-'));
  // Where the tests run as root, the server runs as another account, which must get through to its data.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dev = (args: readonly string[], statement: string) =>
    runSteadytext(
      [
        'dev',
        '--data',
        join(folder, 'db'),
        '--no-worker',
        ...args,
        '--exec',
        `steadytext sql --csv --url "$STEADYTEXT_ADMIN_URL" "${statement}"`,
      ],
      { STEADYTEXT_CACHE_DIR: testCacheDir() },
    );
  const made = await dev(['--with', 'vector'], `create table near as select '[1,2]'::vector as it`);
  if (UNREACHABLE.test(made.stderr)) context.skip(made.stderr.match(/pgvector should .*/)![0]);
  expect(made.status, made.stderr).toBe(0);
  const found = await dev([], `select it <-> '[1,4]' as distance from near`);
  expect({ ...found, stderr: '' }).toEqual({ status: 0, stdout: 'distance\n2\n', stderr: '' });
});

test('a package index that cannot be reached is told, and nothing is left', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'steadytext-test-vector-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  const { status, stderr } = await runSteadytext(
    ['dev', '--temp', '--no-worker', '--with', 'vector', '--exec', 'true'],
    {
      ...{ STEADYTEXT_CACHE_DIR: `${cache}:1`, PIP_INDEX_URL: 'http://127.0.0.1:1/', PIP_FIND_LINKS: '' },
    },
  );
  expect(stderr).toMatch(/^ST067 EmbeddedServerFailed: pgvector should be in .*\nhint: .*--with vector/m);
  expect(status).toBe(1);
});
