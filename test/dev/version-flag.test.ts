// `steadytext dev --pg` with a version that there is no server of.
import { expect, test } from 'vitest';
import { runSteadytext } from '../commands/steadytext-process.ts';

test.each(['14', 'latest', ''])('--pg %j is bad configuration, told with the versions there are', async (version) => {
  const { status, stderr } = await runSteadytext(['dev', '--temp', '--no-worker', '--pg', version, '--exec', 'true']);
  expect(stderr).toContain('15, 16, 17 or 18');
  expect(stderr).toContain('ST050');
  expect(status).toBe(2);
});
