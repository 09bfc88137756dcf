import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startSteadytext } from '../commands/steadytext-process.ts';
import { tinyBert } from '../inference/convert/tiny-bert.ts';
import { tinyLlama } from '../inference/convert/tiny-llama.ts';
import { broughtFolder, embeddingSource, textSource } from '../inference/convert/tiny-source.ts';
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
  expect(stderr).toContain('--lease: expected a number from 1 to 3600, got "long"');
  expect(stderr).toContain('--engines: expected a whole number from 1 to 256, got "0"');
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

test('models that nobody knows are bad configuration, told at once before anything is fetched', async () => {
  const { status, stderr } = await worker(['--text-model', 'no-such-model'], {
    STEADYTEXT_EMBEDDING_MODEL: 'nor-this',
    STEADYTEXT_RERANKING_MODEL: 'nor-that',
  });
  expect(status).toBe(2);
  const expected = [
    'TEXT_MODEL: expected a model of kind text (smollm2-135m-instruct), got "no-such-model"',
    'EMBEDDING_MODEL: expected a model of kind embedding (all-minilm-l6-v2), got "nor-this"',
    'RERANKING_MODEL: expected a model of kind reranking (the manifest has none), got "nor-that"',
  ];
  for (const line of expected) expect(stderr).toContain(`STEADYTEXT_${line}`);
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

test('what it converts at its start is in its log, and a signal meanwhile ends it', async () => {
  const source = textSource(tinyLlama(1).bytes);
  // The other model is waited for: this hub takes every question and answers none.
  const hub = createServer(() => {}).listen(0, '127.0.0.1');
  await once(hub, 'listening');
  onTestFinished(() => {
    hub.close();
    hub.closeAllConnections();
  });
  const command = startSteadytext(['worker', '--text-model', 'tiny-text', '--format', 'nb8', '--name', 'starting'], {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(source.folder, 'cache'),
    STEADYTEXT_MODEL_DIR: broughtFolder(source),
    HF_ENDPOINT: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
  });
  onTestFinished(() => void command.child.kill('SIGKILL'));
  const [line] = await command.printed(/\{.*"model\.converted"\}/);
  expect(JSON.parse(line)).toMatchObject({ level: 'info', worker: 'starting', model: 'tiny-text', format: 'nb8' });
  command.child.kill('SIGTERM');
  expect(await command.ended).toBe(143);
  expect(command.stderr()).not.toContain('    at ');
});

test('a second signal ends one that drains, and the status says the signal', async () => {
  const [text, embedding] = [textSource(tinyLlama(1).bytes), embeddingSource(tinyBert(1))];
  const command = startSteadytext(['worker', '--engines', '1', '--format', 'nb8'], {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(text.folder, 'cache'),
    STEADYTEXT_MODEL_DIR: broughtFolder(text, embedding),
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
  });
  onTestFinished(() => void command.child.kill('SIGKILL'));
  await command.printed(/^worker .* ready/m);
  // It drains for as long as it cannot take its row away.
  await using other = await database.connect(database.superuserUrl);
  await other.query('begin');
  await other.query('lock table steadytext_workers');
  command.child.kill('SIGTERM');
  await command.printed(/"draining"/);
  // One that follows the first within half a second counts as one with it. A third would end a command that is just leaving.
  await sleep(600);
  command.child.kill('SIGTERM');
  expect(await command.ended).toBe(143);
  expect(command.stderr()).toContain('"left at once"');
});

test('--help shows examples', async () => {
  const { status, stdout } = await worker(['--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('Examples:');
  expect(stdout).toContain('docs/configuration.md');
});
