// `steadytext dev` with a version that there is no server of, and other numbers that cannot be.
import { expect, test } from 'vitest';
import { runSteadytext } from '../commands/steadytext-process.ts';

test.each(['14', 'latest', ''])('--pg %j is bad configuration, told with the versions there are', async (version) => {
  const { status, stderr } = await runSteadytext(['dev', '--temp', '--no-worker', '--pg', version, '--exec', 'true']);
  expect(stderr).toContain('15, 16, 17 or 18');
  expect(stderr).toContain('ST050');
  expect(status).toBe(2);
});

test('pgvector is for one version', async () => {
  const { status, stderr } = await runSteadytext(['dev', '--temp', '--no-worker', '--pg', '17', '--with', 'vector']);
  expect(stderr).toContain('--with vector: expected --pg 18');
  expect(status).toBe(2);
});

test('what else is wrong is told with it', async () => {
  const args = ['dev', '--port', '99999', '--pg', '14', '--engines', 'many', '--with', 'postgis'];
  const { status, stderr } = await runSteadytext(args, { STEADYTEXT_LOG_LEVEL: 'loud' });
  expect(stderr.split('\n')).toEqual([
    'ST050 InvalidConfiguration: --pg: expected 15, 16, 17 or 18, got "14"',
    '--port: expected a port from 1 to 65535, got "99999"',
    '--with: expected vector, got "postgis"',
    expect.stringMatching(/^--engines: expected a whole number from 1 to 256, got "many"$/),
    expect.stringMatching(/^STEADYTEXT_LOG_LEVEL: expected one of/),
    expect.stringMatching(/^hint: .*--pg .*--port/),
    '',
  ]);
  expect(status).toBe(2);
});
