// `steadytext worker` with the default models, for all tests of a file.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { environment } from '../../../workers/config.ts';
import { ROOT } from '../../house/source-tree.ts';
import { testCacheDir } from '../../inference/store/test-cache.ts';
import type { TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';

export function useRealWorker(db: TestDatabase): void {
  let stop = async () => {};
  beforeAll(async () => {
    const { PATH = '', HOME = '' } = environment();
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'steadytext.mjs'), 'worker'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, DATABASE_URL: db.workerUrl, STEADYTEXT_CACHE_DIR: testCacheDir(), STEADYTEXT_ENGINES: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    stop = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    const early = ended.then((status) => Promise.reject(new Error(`the worker ended with ${status}: ${output}`)));
    early.catch(() => undefined);
    // The first run on a machine fetches and converts the models.
    await Promise.race([waitFor(() => output.includes(' ready: '), 'the worker to be ready', 600_000), early]);
  }, 600_000);
  afterAll(() => stop());
}
