// The model cache that test files share, so that the default models are fetched once for a machine and user.

import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export function testCacheDir(): string {
  return process.env.STEADYTEXT_TEST_CACHE || join(tmpdir(), `steadytext-test-cache-${userInfo().uid}`);
}
