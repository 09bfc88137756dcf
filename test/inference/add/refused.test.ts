// What cannot be added: told by name, with what was expected and what came, before its weights are fetched wherever that can be
// known, and with nothing left behind.

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AddOptions } from '../../../workers/inference/add/add-model.ts';
import { tinyLlama } from '../convert/tiny-llama.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import {
  CLOSED,
  filesBelow,
  offlinePip,
  send,
  startHub,
  type TestFile,
  tempFolder,
  wheelFolderFor,
} from '../store/support.ts';
import { addWorld, COMMIT, changed, filesOf, folderWith, hubOf, REPO, tinyGguf } from './support.ts';

const { sources } = tinyEncoder(3);
const encoder = filesOf(sources);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const config = JSON.parse(String(sources.config));

/** The refusal, once it is seen that nothing was kept. */
async function refusalOf(
  address: string,
  options: Partial<AddOptions> = {},
): Promise<{ name: string; message: string; hint: string }> {
  const { add, cacheDir, modelDir } = await addWorld();
  const refusal = await add(address, options).then(
    () => undefined,
    (error) => error,
  );
  expect(refusal, 'it was added').toBeDefined();
  expect([await filesBelow(cacheDir), await filesBelow(modelDir)]).toEqual([[], []]);
  expect(refusal).toMatchObject({ code: expect.stringMatching(/^ST/), hint: expect.stringMatching(/\w/) });
  return refusal;
}

test('a family that is not known is told by its settings alone', async () => {
  const other = changed(encoder, { 'config.json': json({ ...config, model_type: 'xlm-roberta' }) });
  const hub = await startHub(hubOf(other));
  const refusal = await refusalOf(`hf:${REPO}`, { hfEndpoint: hub.url });
  expect(refusal).toMatchObject({ name: 'ModelUnsupported' });
  expect(refusal.message).toBe(
    `${REPO} at ${hub.url}, commit ${COMMIT.slice(0, 12)}: config.json: model family "xlm-roberta" is not known; known are bert (and llama as GGUF)`,
  );
  expect(hub.asked.map((url) => url.split('/').at(-1))).toEqual(['main?blobs=true', 'config.json']);
});

describe('weights are refused by their header, wherever they are:', () => {
  const llama = (metadata: object) => [{ path: 'a.gguf', body: tinyLlama(1, { metadata } as never).bytes }];
  const cut = (files: readonly TestFile[], path: string) =>
    files.map((file) => (file.path === path ? { path, body: file.body.subarray(0, -1) } : file));

  test.for([
    [
      'a family of text models',
      llama({ 'general.architecture': 'gemma3' }),
      'ModelUnsupported',
      'model family "gemma3" is not known',
    ],
    [
      'a tokenizer of text models',
      llama({ 'tokenizer.ggml.model': 'llama' }),
      'ModelUnsupported',
      'tokenizer "llama" is not known',
    ],
    ['a GGUF file that is cut', cut([{ path: 'a.gguf', body: tinyGguf() }], 'a.gguf'), 'ModelCorrupt', 'got a file of'],
    [
      'what is no GGUF',
      [{ path: 'a.gguf', body: Buffer.from('<html>') }],
      'ModelCorrupt',
      'expected a GGUF file, got one that begins with "<htm"',
    ],
    ['an empty file', [{ path: 'a.gguf', body: Buffer.alloc(0) }], 'ModelCorrupt', 'expected the word GGUF'],
    ['cut safetensors', cut(encoder, 'model.safetensors'), 'ModelCorrupt', 'expected tensor'],
    [
      'safetensors of other sizes than the settings say',
      changed(encoder, { 'config.json': json({ ...config, hidden_size: 32 }) }),
      'ModelCorrupt',
      'expected tensor embeddings.word_embeddings.weight of',
    ],
  ] as const)('%s', async ([, files, name, message]) => {
    const hub = await startHub(hubOf(files));
    for (const [address, label] of [
      [await folderWith(files), 'my-model'],
      [`hf:${REPO}`, `${REPO} at`],
    ] as const) {
      const refusal = await refusalOf(address, { hfEndpoint: hub.url });
      expect(refusal).toMatchObject({ name, message: expect.stringContaining(message) });
      expect(refusal.message).toContain(label);
      // A copy's place says nothing to the user.
      expect(refusal.message).not.toContain('/tmp_');
      expect(refusal.message).not.toMatch(/models\/tmp/);
      // No manifest knows it, and nothing was pulled.
      expect(refusal.hint).not.toMatch(/manifest|pull/);
      if (name === 'ModelCorrupt')
        expect(refusal.hint).toContain(label === 'my-model' ? `Copy or download ${address}` : `Where ${label}`);
    }
  });
});

/** Its header is right, and its last weights are no numbers, in 16 bits as in 32. */
function notANumber(): Buffer {
  const body = Buffer.from(tinyGguf());
  body.fill(Buffer.from([0xff, 0x7f]), body.length - 64);
  return body;
}

test('numbers that are none are found out when it is converted, and told by the file that was named', async () => {
  const files = [{ path: 'a.gguf', body: notANumber() }];
  const file = join(await folderWith(files), 'a.gguf');
  const hub = await startHub(hubOf(files));
  const refusal = await refusalOf(file);
  expect(refusal).toMatchObject({ name: 'ModelCorrupt', message: expect.stringContaining(`Model a: ${file}: `) });
  expect(refusal.hint).toContain(`Copy or download ${file} again`);
  const offered = await refusalOf(`hf:${REPO}`, { hfEndpoint: hub.url });
  expect(offered.message).toMatch(/^Model tiny_model: tests\/Tiny_Model at .*, commit c0ffeec0ffee: a\.gguf: /);
  expect(offered.hint).toMatch(/^It is cut or damaged, .* ask its publisher for a whole one\.$/);
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
