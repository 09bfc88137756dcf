// `steadytext models verify`: what is damaged and what is missing, and the exit status.

import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseFormat } from '../../../workers/inference/choose-format.ts';
import { CONVERTER_VERSION } from '../../../workers/inference/convert/converter-version.ts';
import { CONFIGURED, tinyWorld } from './models-world.ts';
import { modelDigestOf, pulledTiny, sha256, weightsOf, withOtherFirstByte } from './support.ts';

describe('models verify', () => {
  const missing = (name: string) =>
    `${name}: a worker of this configuration needs it, but it is not there\n  fetch it with: steadytext models pull ${name}\n`;

  test('where nothing was fetched names what a worker would need, and ends with status 1', async () => {
    const { open } = await tinyWorld(CONFIGURED);
    const { run, stdout, stderr, status } = open();
    await run('verify');
    expect(stderr.text).toBe('');
    expect(stdout.text).toBe(`${missing('tiny-text')}${missing('tiny')}no files of models are there\n`);
    expect(status()).toBe(1);
  });

  test('names one of the configuration that is there by half, beside files that are as they should be', async () => {
    const { open, cacheDir, textModel } = await tinyWorld(CONFIGURED);
    await open().run('pull');
    rmSync(join(cacheDir, 'models', 'blobs', `sha256-${sha256(weightsOf(textModel).body)}`));
    const { run, stdout, status } = open();
    await run('verify');
    expect(stdout.text).toBe(`${missing('tiny-text')}3 files read, all as they should be\n`);
    expect(status()).toBe(1);
    const json = open();
    await json.run('verify', '--json');
    const remedy = 'steadytext models pull tiny-text';
    expect(JSON.parse(json.stdout.text)).toMatchObject({ damaged: [], missing: [{ model: 'tiny-text', remedy }] });
  });

  test('ends well when every file is as it should be', async () => {
    const { open } = await tinyWorld(CONFIGURED);
    await open().run('pull');
    const { run, stdout, stderr, status } = open();
    await run('verify');
    expect(stdout.text).toBe('4 files read, all as they should be\n');
    expect(stderr.text).toMatch(/^tiny: reading: 2 files, .*, ended\ntiny-text: reading: 2 files, .*, ended\n$/);
    expect(status()).toBe(0);
  });

  test('and when only what was converted is there, which a worker loads as it is', async () => {
    const { open, cacheDir, model } = await tinyWorld(CONFIGURED);
    await open().run('pull');
    for (const { body } of model.files) rmSync(join(cacheDir, 'models', 'blobs', `sha256-${sha256(body)}`));
    const [digest, format] = [modelDigestOf(model), chooseFormat('auto')];
    const folder = join(
      cacheDir,
      'models',
      'converted',
      'tiny',
      `${format}-${digest.slice(0, 16)}-v${CONVERTER_VERSION}`,
    );
    mkdirSync(folder, { recursive: true });
    const description = { digest, format, converterVersion: CONVERTER_VERSION, files: {} };
    writeFileSync(join(folder, 'model.json'), JSON.stringify(description));
    const { run, status } = open();
    await run('verify');
    expect(status()).toBe(0);
  });

  test('names a damaged file, says what to do, and ends with status 1', async () => {
    const { open, cacheDir, model } = await tinyWorld();
    await open().run('pull', 'tiny');
    const blob = join(cacheDir, 'models', 'blobs', `sha256-${sha256(weightsOf(model).body)}`);
    chmodSync(blob, 0o644);
    writeFileSync(blob, 'something else');
    const text = open();
    await text.run('verify');
    expect(text.status()).toBe(1);
    expect(text.stdout.text).toContain(`tiny: ${blob}\n  model.safetensors: expected sha256 `);
    expect(text.stdout.text).toContain('put it right with: steadytext models pull tiny\n');
    const json = open();
    await json.run('verify', '--json');
    expect(json.status()).toBe(1);
    expect(JSON.parse(json.stdout.text)).toMatchObject({ checkedFiles: 2, damaged: [{ model: 'tiny', path: blob }] });
  });

  test('and that file is not taken as good at the next start, though its size and times are those of the last check', async () => {
    const { store, model, cacheDir } = await pulledTiny();
    const { body } = weightsOf(model);
    const blob = join(cacheDir, 'models', 'blobs', `sha256-${sha256(body)}`);
    chmodSync(blob, 0o644);
    writeFileSync(blob, withOtherFirstByte(body));
    // As where a disk has lost a bit: nothing was written, so no time has changed.
    const { size, mtimeNs, ctimeNs } = statSync(blob, { bigint: true });
    writeFileSync(`${blob}.checked`, `${size} ${mtimeNs} ${ctimeNs}\n`);
    await store.sourceFiles('tiny');
    expect((await store.verify()).damaged).toMatchObject([{ model: 'tiny', path: blob }]);
    await expect(store.sourceFiles('tiny')).rejects.toMatchObject({ name: 'ModelCorrupt' });
  });
});
