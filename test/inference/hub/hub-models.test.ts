// The file that names models of the hub: what it may say, and every problem at once.

import { expect, test } from 'vitest';
import { parseHubModels } from '../../../workers/inference/hub/hub-models.ts';
import { readText } from '../../house/source-tree.ts';

const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);
const parse = (models: unknown) => parseHubModels(JSON.stringify(models), '/etc/hub.json');

test('names repositories at a commit, and folders', () => {
  const models = [
    {
      name: 'hub/bge-small',
      kind: 'embedding',
      source: 'hf:Xenova/bge-small',
      revision: COMMIT,
      dtype: 'q8',
      pooling: 'cls',
    },
    { name: 'phi', kind: 'text', source: '/srv/models/phi', dtype: 'q4', max_tokens: 2048 },
  ];
  expect(parse({ models })).toEqual([
    {
      ...{ name: 'hub/bge-small', kind: 'embedding', dtype: 'q8', pooling: 'cls' },
      source: { repo: 'Xenova/bge-small', revision: COMMIT },
    },
    { name: 'phi', kind: 'text', source: { folder: '/srv/models/phi' }, dtype: 'q4', maxTokens: 2048 },
  ]);
});

test('takes the example of the page', () => {
  const [, section] = readText('docs/models.md').split('## Any other model of the hub');
  const [, example] = /```json\n([\s\S]*?)```/.exec(section!)!;
  expect(parseHubModels(example!, 'docs/models.md').map(({ name }) => name)).toEqual([
    'hub/bge-small',
    'hub/my-decoder',
  ]);
});

test('tells every problem with its place', () => {
  const models = [
    { name: 'openai:gpt', kind: 'embedding', source: 'hf:a/b', dtype: 'fp32' },
    { name: 'a', kind: 'image', source: 'a/b', dtype: 'q3', max_tokens: 0 },
    { name: 'b', kind: 'text', source: '/srv/b', revision: COMMIT, dtype: 'q4', pooling: 'mean' },
    { name: 'c', kind: 'text', source: 'hf:a/b', revision: 'main', dtype: 'q4' },
    { name: 'd', kind: 'text', source: '/srv/d', dtype: 'q4', device: 'cuda' },
    7,
  ];
  const { name, message, hint } = thrown(() => parse({ models }));
  expect(name).toBe('InvalidConfiguration');
  expect(hint).toContain('docs/models.md');
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/^\/etc\/hub\.json: models\[0\]\.name: expected .* without ":", .* got "openai:gpt"$/),
    expect.stringMatching(/models\[1\]\.kind: expected one of text, embedding, reranking, got "image"$/),
    expect.stringMatching(/models\[1\]\.source: expected hf:owner\/name or the absolute path of a folder, got "a\/b"$/),
    expect.stringMatching(/models\[1\]\.dtype: expected one of fp32, .*, got "q3"$/),
    expect.stringMatching(/models\[1\]\.max_tokens: expected a whole number from 8 to 1000000, got 0$/),
    expect.stringMatching(/models\[2\]\.revision: expected none beside a folder$/),
    expect.stringMatching(/models\[2\]\.pooling: expected none for a model of kind text/),
    expect.stringMatching(/models\[3\]\.revision: expected a commit of 40 digits .*, got "main"$/),
    expect.stringMatching(/models\[4\]: expected no field "device"$/),
    expect.stringMatching(/models\[5\]: expected an object, got 7$/),
  ]);
});

test.for([
  ['no JSON', '{', /expected JSON/],
  ['no list', '{"models": {}}', /models: expected a list of models, got \{\}/],
  ['no commit', one({ source: 'hf:a/b' }), /models\[0\]\.revision: expected the commit of the repository, got none/],
  ['a way up', one({ source: 'hf:../b', revision: COMMIT }), /models\[0\]\.source/],
  ['a name twice', `{"models": [${entry({})}, ${entry({})}]}`, /expected one model of each name, got "a" again/],
] as const)('refuses %s', ([, text, message]) => {
  expect(thrown(() => parseHubModels(text, 'hub.json')).message).toMatch(message);
});

function entry(more: object): string {
  return JSON.stringify({ name: 'a', kind: 'text', source: '/srv/a', dtype: 'q4', ...more });
}

function one(more: object): string {
  return `{"models": [${entry(more)}]}`;
}

function thrown(work: () => unknown): { name: string; message: string; hint?: string } {
  try {
    work();
  } catch (error) {
    return error as Error & { hint?: string };
  }
  throw new Error('expected an error');
}
