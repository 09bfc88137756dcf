// `steadytext models add` measures what it adds, once: what it takes then, what it leaves on the disk, and when it does not measure.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SteadyTextError } from '../../../workers/errors.ts';
import { chooseFormat, type NumberFormat, runnableFormats } from '../../../workers/inference/choose-format.ts';
import { type Convert, ensureConverted } from '../../../workers/inference/convert/ensure-converted.ts';
import { choiceOf, choicePath, writeChoice } from '../../../workers/inference/store/choices.ts';
import { modelDigest, readUserManifest } from '../../../workers/inference/store/manifest.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import { world } from '../store/models-world.ts';
import { filesBelow, openOffline, tempFolder } from '../store/support.ts';
import { addWorld, filesOf, folderWith } from './support.ts';

const encoder = filesOf(tinyEncoder(3).sources);
const USUAL = chooseFormat('auto');

async function measuringWorld(convert: Convert = ensureConverted, freeMemory = () => 2 ** 33) {
  const [cacheDir, modelDir] = [await tempFolder(), await tempFolder()];
  const root = join(cacheDir, 'models');
  const env = { STEADYTEXT_CACHE_DIR: cacheDir, STEADYTEXT_MODEL_DIR: modelDir };
  const open = () => world(env, convert, { rounds: 1, tokens: 300, newTokens: 2, freeMemory });
  const run = async (...args: string[]) => {
    const opened = open();
    await opened.run(...args);
    return opened;
  };
  const digest = () => modelDigest(readUserManifest(modelDir)[0]!);
  return {
    ...{ run, digest, open, folder: await folderWith(encoder) },
    store: () => openOffline({ cacheDir, modelDir }),
    added: () => readUserManifest(modelDir).map(({ name }) => name),
    isRecorded: () => existsSync(join(root, 'choices')),
    recordOf: () => choicePath(root, digest()),
    converted: (name = 'my-model') => readdirSync(join(root, 'converted', name)).map((folder) => folder.split('-')[0]!),
    unfinished: () => filesBelow(join(root, 'tmp')).catch(() => []),
  };
}

test('measured once, it is taken in the format that is recorded, and no other one stays', {
  timeout: 60_000,
}, async () => {
  const { run, folder, store, converted, added, recordOf, unfinished } = await measuringWorld();
  const { stdout } = await run('add', folder);
  const taken = /^recommended: (\w+), /m.exec(stdout.text)?.[1];
  expect(stdout.text).toContain(`measured: ${runnableFormats().join(', ')}, with up to `);
  expect(stdout.text.split('\n').flatMap((line) => /^│ (\w+) +│ [\d.]+ +│/.exec(line)?.[1] ?? [])).toEqual(
    runnableFormats(),
  );
  expect(stdout.text).toContain(`recorded in ${recordOf()}: `);
  expect(stdout.text).toMatch(/"auto" takes it .*\ntried: an embedding of 64 numbers/);
  expect(added()).toEqual(['my-model']);
  expect(converted()).toEqual([taken]);
  expect(await unfinished()).toEqual([]);
  expect((await store().list()).find(({ name }) => name === 'my-model')?.choice).toBe(taken);
  const list = await run('list');
  expect(list.stdout.text).toMatch(new RegExp(`my-model .* ${taken} \\(measured\\)`));
  // The same files under another name are the same model.
  const again = await run('add', folder, '--name', 'other', '--dry-run');
  expect(again.stdout.text).toContain(`format: ${taken}, as it was measured here before\n`);
  expect(again.stdout.text).not.toContain('measured: ');
});

test('stopped while it is measured, it is not added, and nothing half-written is left', async () => {
  const { open, folder, converted, added, isRecorded, unfinished } = await measuringWorld();
  const { run, stop, stderr, status } = open();
  const ended = run('add', folder);
  await expect.poll(() => stderr.text, { timeout: 20_000 }).toContain('measuring my-model: step 1 of');
  stop('SIGINT');
  await ended;
  expect(status()).toBe(130);
  expect(added()).toEqual([]);
  expect(isRecorded()).toBe(false);
  // What the next run goes on from.
  expect(converted()).toEqual([USUAL]);
  expect(await unfinished()).toEqual([]);
});

test('what cannot be measured is added in the format of the CPU all the same', async () => {
  const full = new SteadyTextError('DiskFull', 'expected room for fp32, got none');
  const { run, folder, converted, added, isRecorded, unfinished } = await measuringWorld(
    (store, name, format, options) =>
      format === 'fp32' ? Promise.reject(full) : ensureConverted(store, name, format, options),
  );
  const { stderr } = await run('add', folder);
  expect(stderr.text).toContain(
    `my-model is taken in ${USUAL}, since it could not be measured; \`steadytext models bench my-model\` tries it again: expected room for fp32, got none`,
  );
  expect(added()).toEqual(['my-model']);
  expect(converted()).toEqual([USUAL]);
  expect(isRecorded()).toBe(false);
  expect(await unfinished()).toEqual([]);
});

test('with --no-measure nothing is measured', async () => {
  const { run, folder, converted, isRecorded } = await measuringWorld();
  const { stdout, stderr } = await run('add', folder, '--no-measure');
  expect(stdout.text).toContain(`format: ${USUAL}, which a CPU of this class`);
  expect(stdout.text).toContain('\nmeasured: no\n');
  expect(stderr.text).not.toContain('measuring');
  expect(converted()).toEqual([USUAL]);
  expect(isRecorded()).toBe(false);
});

const OTHER = USUAL === 'nb8' ? 'nb4' : 'nb8';

test('what measuring takes in place of the usual format is tried too; of the others what was there stays', async () => {
  const { add, cacheDir } = await addWorld();
  const tried: string[] = [];
  const folder = await folderWith(encoder);
  const addMeasured = (taken: NumberFormat | undefined) =>
    add(folder, {
      ...{ format: 'auto', replace: true },
      measure: async (_, { format, why }) => (format === USUAL && why === 'cpu' ? taken : OTHER),
      tryOut: async ({ description }) => String(tried.push(description.format)),
    });
  expect(await addMeasured(OTHER)).toMatchObject({ folder: { description: { format: OTHER } }, tried: '2' });
  expect(tried).toEqual([USUAL, OTHER]);
  const converted = () =>
    readdirSync(join(cacheDir, 'models', 'converted', 'my-model')).map((path) => path.split('-')[0]);
  expect(converted()).toEqual([OTHER]);
  await addMeasured(undefined);
  expect(converted().toSorted()).toEqual([USUAL, OTHER].toSorted());
});

test('refused after it was measured, it leaves nothing', async () => {
  const { add, cacheDir, modelDir } = await addWorld();
  const refused = add(await folderWith(encoder), {
    format: 'auto',
    measure: async (store, { digest }) => {
      await writeChoice(store.root, choiceOf(digest, OTHER, {}));
      return OTHER;
    },
    tryOut: async ({ description }) => {
      if (description.format === USUAL) return 'fine';
      throw new SteadyTextError('ModelUnsupported', 'expected an answer, got none');
    },
  });
  await expect(refused).rejects.toMatchObject({ name: 'ModelUnsupported' });
  expect(await filesBelow(cacheDir)).toEqual([]);
  expect(await filesBelow(modelDir)).toEqual([]);
});

test('not where memory is too small for fp32: it is taken as the CPU has it, and nothing is recorded', async () => {
  const { run, folder, added, converted, isRecorded } = await measuringWorld(ensureConverted, () => 2 ** 20);
  const { stderr } = await run('add', folder);
  expect(stderr.text).toMatch(
    /taken in \w+, since it could not be measured; .*: fp32 needs 1\d\d MB of memory, of which 1\.0 MB are free/,
  );
  expect([added(), converted(), isRecorded()]).toEqual([['my-model'], [USUAL], false]);
});
