// A conversion ends with a complete folder or with nothing: when two convert at once, when it is killed, when the disk is full.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { convertInChild } from '../../../workers/inference/convert/convert-in-child.ts';
import { convertModel } from '../../../workers/inference/convert/convert-model.ts';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import type { WriteBytes } from '../../../workers/inference/convert/onnx/weight-file.ts';
import { sweepTempFolders } from '../../../workers/inference/store/temp-folders.ts';
import { waitFor } from '../../support/wait-for.ts';
import { FORMATS, ROWS } from '../formats.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyLlama } from './tiny-llama.ts';
import { embeddingSource, type TinySource, taskOf, textSource, unfinished } from './tiny-source.ts';

const tinyText = (options = {}) => textSource(tinyLlama(1, options).bytes);
const published = ({ folder }: TinySource) => readdirSync(join(folder, 'converted'));

test('the same source gives the same bytes', async () => {
  const [a, b] = [await convertTiny(tinyText()), await convertTiny(tinyText())];
  expect(a.description).toEqual(b.description);
});

test('text models bring their chat template and the ends of a turn', async () => {
  const { path, description } = await convertTiny(tinyText());
  const config = JSON.parse(readFileSync(join(path, 'tokenizer_config.json'), 'utf8'));
  expect(config).toMatchObject({ chat_template: '{{ messages[0].content }}', eos_token: '<|im_end|>' });
  expect(description.shape).toMatchObject({ endTokens: [2, 0] });
});

test('two converters at once: one wins, both have the result', async () => {
  const tiny = tinyText();
  const [a, b] = await Promise.all([convertModel(taskOf(tiny, 'nb8')), convertModel(taskOf(tiny, 'nb8'))]);
  expect(a).toEqual(b);
  expect(published(tiny)).toEqual(['nb8']);
  expect(unfinished(tiny)).toEqual([]);
});

test('a damaged folder in the way is replaced', async () => {
  const tiny = tinyText();
  const { path } = await convertModel(taskOf(tiny, 'nb8'));
  await writeFile(join(path, 'graph.data'), 'no weights');
  const again = await convertModel(taskOf(tiny, 'nb8'));
  expect(await openModelFolder(again.path, { digests: 'always' })).toEqual(again);
  expect(published(tiny)).toEqual(['nb8']);
});

test.for(FORMATS)('progress in %s ends near its whole', async (format) => {
  const told: number[] = [];
  const tiny = tinyText({ hidden: 256, feedForward: 1024, heads: 8, kvHeads: 4, headSize: 32 });
  await convertModel({ ...taskOf(tiny, format), onProgress: (done, total) => told.push(done / total) });
  expect(told.at(-1)).toBeGreaterThan(0.95);
  expect(told.at(-1)).toBeLessThan(1.06);
});

// Enough width that vectors and the beginnings of tensors count little.
test.for([ROWS, 'fp32'] as const)('of an embedding model too, in %s', async (format) => {
  const told: number[] = [];
  const wide = embeddingSource(tinyBert(1, { hidden: 512, feedForward: 2048 }));
  await convertModel({ ...taskOf(wide, format), onProgress: (done, total) => told.push(done / total) });
  expect(told.at(-1)).toBeGreaterThan(0.95);
  expect(told.at(-1)).toBeLessThan(1.1);
});

describe('in a child process', () => {
  test('a model is converted and progress is told', async () => {
    const tiny = embeddingSource(tinyBert(1));
    const told: number[] = [];
    const folder = await convertInChild(taskOf(tiny, 'fp32'), { onProgress: (done, total) => told.push(done / total) });
    expect(await openModelFolder(folder.path)).toEqual(folder);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.length).toBeGreaterThan(10);
  });

  test('a refusal is the same error as here', async () => {
    const tiny = tinyText({ metadata: { 'general.architecture': 'gemma3' } });
    await expect(convertInChild(taskOf(tiny, 'nb8'))).rejects.toMatchObject({
      name: 'ModelUnsupported',
      code: 'ST062',
      message: expect.stringContaining('model family "gemma3" is not known'),
      hint: expect.stringContaining('docs/models.md'),
    });
  });

  test.for([
    ['was removed meanwhile', 'ENOENT', (path: string) => rm(path)],
    ['cannot be read', 'EISDIR', (path: string) => rm(path).then(() => mkdir(path))],
  ] as const)('a source file that %s is told in a sentence, with its model', async ([, code, spoil]) => {
    for (const tiny of [tinyText(), embeddingSource(tinyBert(1))]) {
      await spoil(tiny.sourceFiles.weights!);
      const { name } = tiny.manifestEntry;
      await expect(convertInChild(taskOf(tiny, 'nb8'))).rejects.toMatchObject({
        name: 'ModelUnavailable',
        message: expect.stringContaining(`Model ${name}: expected its source files, but ${code}: `),
        hint: expect.stringContaining(`steadytext models pull ${name}`),
      });
      expect(unfinished(tiny)).toEqual([]);
    }
  });

  test('killed at work, it leaves nothing that a later start would load, and its leftovers are swept', async () => {
    // Large enough that the kill comes while weights are being written.
    const tiny = tinyText({ hidden: 512, feedForward: 2048, heads: 8, kvHeads: 4, headSize: 64 });
    let pid = 0;
    const task = taskOf(tiny, 'nb8');
    const killed = convertInChild(task, { onStart: (started) => (pid = started), onProgress: () => kill(pid) });
    await expect(killed).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringContaining('the converter ended with SIGKILL'),
    });
    expect(readdirSync(tiny.folder)).not.toContain('converted');
    expect(unfinished(tiny)).toHaveLength(1);
    await waitFor(async () => (await sweepTempFolders(tiny.folder)) === 1, 'the leftovers to be swept');
    expect(unfinished(tiny)).toEqual([]);
    expect((await convertInChild(task)).path).toBe(task.outDir);
  });

  test('it ends with its parent, and publishes nothing after that', async () => {
    const tiny = tinyText({ hidden: 512, feedForward: 2048, heads: 8, kvHeads: 4, headSize: 64 });
    const parent = fork(join(import.meta.dirname, 'convert-parent.ts'), { serialization: 'advanced', execArgv: [] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    parent.send(taskOf(tiny, 'nb8'));
    const [pid] = (await once(parent, 'message')) as [number];
    parent.kill('SIGKILL');
    await waitFor(() => !isRunning(pid), 'the converter to end after its parent');
    expect(readdirSync(tiny.folder)).not.toContain('converted');
  });

  test('it ends in the middle of the writing, and takes what is half-written with it', async () => {
    const tiny = tinyText({ hidden: 512, feedForward: 8192, heads: 8, kvHeads: 4, headSize: 64 });
    const parent = fork(join(import.meta.dirname, 'convert-parent.ts'), { serialization: 'advanced', execArgv: [] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    parent.send(taskOf(tiny, 'nb8'));
    const [pid] = (await once(parent, 'message')) as [number];
    expect(unfinished(tiny)).toHaveLength(1);
    parent.kill('SIGKILL');
    await waitFor(() => !isRunning(pid), 'the converter to end after its parent');
    expect(unfinished(tiny)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'it has none of our environment, so no password of a database, but where what is compiled is kept',
    async () => {
      const tiny = embeddingSource(tinyBert(1));
      let [pid, environment] = [0, ''];
      await convertInChild(taskOf(tiny, 'nb8'), {
        onStart: (started) => (pid = started),
        onProgress: () => (environment ||= readFileSync(`/proc/${pid}/environ`, 'utf8')),
      });
      const names = environment.split('\0').map((line) => line.split('=')[0]!);
      expect(names.filter((name) => name !== '' && !name.startsWith('NODE_CHANNEL_'))).toEqual(['NODE_COMPILE_CACHE']);
    },
  );

  test('an abort ends it', async () => {
    const tiny = tinyText();
    const abort = new AbortController();
    const aborted = convertInChild(taskOf(tiny, 'nb8'), { signal: abort.signal, onStart: () => abort.abort() });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await expect(convertInChild(taskOf(tiny, 'nb8'), { signal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

/** An orphan that has ended stays in Linux's table until its new parent looks: in a container, maybe never. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Writes so many bytes, then meets the kernel's own answer of a full disk. */
function diskOf(bytes: number): WriteBytes {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  let left = bytes;
  return (descriptor, piece) => {
    left -= piece.length;
    return writeSync(left < 0 ? full : descriptor, piece);
  };
}

test.for([0, 5000, 100_000])('a disk that is full after %i bytes is told, and nothing stays', async (bytes) => {
  const tiny = tinyText();
  await expect(convertModel({ ...taskOf(tiny, 'nb8'), write: diskOf(bytes) })).rejects.toMatchObject({
    name: 'DiskFull',
    message: expect.stringMatching(/^Model tiny-text, converted to nb8, needs .+ in .+: the disk is full$/),
    hint: expect.not.stringContaining('PyPI'),
  });
  expect(readdirSync(tiny.folder)).not.toContain('converted');
  expect(unfinished(tiny)).toEqual([]);
});

test('a folder that cannot be written to is told', async () => {
  const tiny = tinyText();
  await writeFile(join(tiny.folder, 'tmp'), 'a file where the folder should be');
  await mkdir(join(tiny.folder, 'converted'));
  await expect(convertModel(taskOf(tiny, 'nb8'))).rejects.toMatchObject({ name: 'InvalidConfiguration' });
  expect(published(tiny)).toEqual([]);
});

function convertTiny(tiny: TinySource) {
  return convertModel(taskOf(tiny, 'nb8'));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile: the expectations say whether too early.
  }
}
