import { expect, test } from 'vitest';
import { startSteadytext } from '../commands/steadytext-process.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

async function worker(args: readonly string[], env: Record<string, string> = {}) {
  const command = startSteadytext(['worker', ...args], { DATABASE_URL: database.workerUrl, ...env });
  const status = await command.ended;
  return { status, stdout: command.stdout(), stderr: command.stderr() };
}

test('a bad configuration ends with status 2 and every problem at once', async () => {
  const { status, stderr } = await worker(['--lease', 'long', '--engines', '0'], { STEADYTEXT_LOG_LEVEL: 'loud' });
  expect(status).toBe(2);
  expect(stderr).toContain('STEADYTEXT_LEASE_SECONDS: expected a number from 1 to 3600, got "long"');
  expect(stderr).toContain('STEADYTEXT_ENGINES: expected a whole number from 1 to 256, got "0"');
  expect(stderr).toContain('STEADYTEXT_LOG_LEVEL: expected one of');
});

test('no database address is a bad configuration too', async () => {
  const { status, stderr } = await worker([], { DATABASE_URL: '' });
  expect(status).toBe(2);
  expect(stderr).toContain('DATABASE_URL: expected a connection string');
});

test.each([
  ['a server that does not answer', { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }, 'DatabaseUnreachable'],
  ['a database that is not migrated', { STEADYTEXT_SCHEMA: 'elsewhere' }, 'DatabaseNotMigrated'],
])('%s ends with status 1, one sentence, what to do, and no stack', async (_, env, name) => {
  const { status, stdout, stderr } = await worker([], env);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(new RegExp(`^ST\\d{3} ${name}: .+\\nhint: .+\\n$`));
});

test('an unknown model is told before anything is fetched', async () => {
  const { status, stderr } = await worker(['--text-model', 'no-such-model']);
  expect(status).toBe(1);
  expect(stderr).toContain('no-such-model');
  expect(stderr).not.toContain('    at ');
});

test('models of the wrong kind are told, both at once', async () => {
  const { status, stderr } = await worker(['--text-model', 'all-minilm-l6-v2'], {
    STEADYTEXT_EMBEDDING_MODEL: 'smollm2-135m-instruct',
  });
  expect(status).toBe(2);
  expect(stderr).toContain(
    'STEADYTEXT_TEXT_MODEL: expected a model of kind text, got all-minilm-l6-v2 of kind embedding',
  );
  expect(stderr).toContain(
    'STEADYTEXT_EMBEDDING_MODEL: expected a model of kind embedding, got smollm2-135m-instruct of kind text',
  );
  expect(stderr).not.toContain('    at ');
});

test('--help shows examples', async () => {
  const { status, stdout } = await worker(['--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('Examples:');
  expect(stdout).toContain('docs/configuration.md');
});
