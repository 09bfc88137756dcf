// The file of providers: every problem at once, none with a value in it, and the example of the page.

import { expect, test } from 'vitest';
import { readProviders } from '../../../workers/inference/provider/providers-file.ts';
import { fencedBlocks } from '../../docs/markdown.ts';
import { readText } from '../../house/source-tree.ts';
import { providersFile, tempFile } from './support/started.ts';

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  const path = tempFile('providers.json', text);
  try {
    readProviders(path, env);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidConfiguration' });
    return (error as Error).message
      .replace('STEADYTEXT_PROVIDERS: ', '')
      .split('\n')
      .map((line) => line.replace(`${path}: `, ''));
  }
  return [];
}

test('defaults are filled in', () => {
  const [provider] = readProviders(
    tempFile('p.json', '{"local": {"url": "http://127.0.0.1:8080/v1/", "text_models": ["a/b:free"]}}'),
    {},
  );
  expect(provider).toEqual({
    ...{ name: 'local', url: 'http://127.0.0.1:8080/v1', key: null, timeoutMs: 60_000, concurrent: 8, maxTokens: 8192 },
    models: [{ name: 'a/b:free', kind: 'text', dimension: null }],
  });
});

test('every problem is told at once, and no value', () => {
  const secret = 'sk-hunter2';
  const text = JSON.stringify({
    'Open AI': { url: 'http://x', text_models: ['a'] },
    a: { url: `https://me:${secret}@x/v1`, key: secret, text_models: ['a b'], concurrent: 0, timeout_seconds: 301 },
    b: { url: 'https://x', key_env: secret, key_file: secret, embedding_models: [{ name: 'v' }] },
    c: { url: 'https://x?key=1', key_file: '/nonexistent/key' },
    d: { url: 'https://x', key_env: 'UNSET', text_models: ['v'], embedding_models: [{ name: 'v', dimension: 3 }] },
    e: { url: 'https://x', key_env: 'UNSET' },
    f: secret,
  });
  const problems = problemsOf(text);
  expect(problems.join('\n')).not.toContain('hunter2');
  const told = problems.map((line) => line.replace(/: expected .*/, ''));
  expect(told).toEqual([
    ...['Open AI', 'a.url', 'a.text_models.0', 'a.timeout_seconds', 'a.concurrent', expect.stringMatching(/^a: /)],
    ...['b.key_file', 'b.embedding_models.0.dimension', 'c.url', 'c.key_file'],
    ...['d.key_env', 'd', 'e.key_env', 'e', expect.stringMatching(/^f: /)],
  ]);
});

test('either a file or a variable has the key', () => {
  const file = tempFile('key', 'k');
  const entry = { url: 'https://x', key_file: file, key_env: 'K', text_models: ['a'] };
  expect(problemsOf(JSON.stringify({ a: entry }), { K: 'k' })).toEqual([
    'a.key_env: expected either key_file or key_env, got both',
  ]);
});

test.each(['', '[]', 'null', '{"a": sk-hunter2'])('what is no object: %s', (text) => {
  expect(problemsOf(text)).toEqual(['expected a JSON object with a member for each provider']);
});

test('a file that is not there', () => {
  expect(() => readProviders('/nonexistent.json', {})).toThrow(
    /^STEADYTEXT_PROVIDERS: \/nonexistent.json: expected a file that can be read, got ENOENT$/,
  );
});

test('the example of the page is read', () => {
  const [, section] = readText('docs/models.md').split('\n## Models of providers\n');
  const [example] = fencedBlocks(section!, 'json');
  const key = tempFile('key', 'k');
  const text = example!.replace('/run/secrets/openai', key);
  expect(text).not.toBe(example);
  const providers = readProviders(tempFile('p.json', text), {});
  expect(providers.map(({ name }) => name)).toEqual(['openai', 'in-house']);
});

test('a file as the other tests write it', () => {
  expect(readProviders(providersFile('http://127.0.0.1:1'), { TEST_KEY: 'k' })).toHaveLength(1);
});
