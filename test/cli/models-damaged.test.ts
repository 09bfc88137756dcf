// Bytes that a disk has lost: what `steadytext models verify` says then is done as it is printed, and it is enough.

import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryOut } from '../../workers/inference/add/try-out.ts';
import { openModelFolder } from '../../workers/inference/convert/folder/open-model-folder.ts';
import { addWorld, folderWith, tinyGguf } from '../inference/add/support.ts';
import { CLOSED } from '../inference/store/support.ts';
import { runCommand } from './world.ts';

/** One of which nobody has the file any more; its cache is all that there is. */
async function addedModel() {
  const { add, cacheDir, modelDir } = await addWorld();
  const folder = await folderWith([{ path: 'mine.gguf', body: tinyGguf() }]);
  await add(join(folder, 'mine.gguf'), { format: 'auto' });
  rmSync(folder, { recursive: true });
  const root = join(cacheDir, 'models');
  const converted = join(root, 'converted', 'mine');
  const env = {
    ...{ STEADYTEXT_CACHE_DIR: cacheDir, STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_TEXT_MODEL: 'mine' },
    ...{ STEADYTEXT_EMBEDDING_MODEL: '', HF_ENDPOINT: CLOSED, PIP_NO_INDEX: '1' },
  };
  return {
    env,
    folder: join(converted, readdirSync(converted)[0]!),
    blob: join(root, 'blobs', readdirSync(join(root, 'blobs')).find((name) => !name.endsWith('.checked'))!),
  };
}

/** One byte is another one, and whoever goes by size and times finds them as they were noted. */
function lose(path: string, note: () => void): void {
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  bytes[100]! ^= 1;
  const { atime, mtime } = statSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  note();
}

function noteFolder(folder: string): void {
  const note = join(folder, '.checked');
  const names = readFileSync(note, 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || []);
  writeFileSync(note, names.map((name) => `${name} ${stampOf(join(folder, name))}\n`).join(''));
}

function stampOf(path: string): string {
  const { size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

test('a converted folder is made anew from the file that was fetched, although no source has it', async () => {
  const { env, folder, blob } = await addedModel();
  lose(join(folder, 'graph.onnx'), () => noteFolder(folder));
  // Nothing but reading it tells.
  await openModelFolder(folder);
  const told = await runCommand(['models', 'verify'], env);
  expect(told.stdout).toContain(`mine: ${join(folder, 'graph.onnx')}\n  expected sha256 `);
  const [, remedy] = told.stdout.match(/^ {2}put it right with: (.*)$/m)!;
  for (const command of remedy!.split(' && ')) {
    const [program, ...args] = command.split(' ');
    expect(program).toBe('steadytext');
    expect(await runCommand(args, env)).toMatchObject({ status: 0 });
  }
  expect((await runCommand(['models', 'verify'], env)).stdout).toMatch(/ files read, all as they should be\n$/);
  expect(await tryOut(await openModelFolder(folder))).toMatch(/^an answer of \d+ tokens/);
  expect(statSync(blob).isFile()).toBe(true);
});

test('it is made anew by a pull of which verify was not asked before', async () => {
  const { env, folder } = await addedModel();
  lose(join(folder, 'graph.data'), () => noteFolder(folder));
  const { status, stderr } = await runCommand(['models', 'pull', 'mine'], env);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^mine: what was converted to \w+ is damaged and is made anew: .*graph\.data: expected/m);
  await openModelFolder(folder, { digests: 'always' });
});

test('after verify no engine loads it either: it is read at the next start', async () => {
  const { env, folder } = await addedModel();
  lose(join(folder, 'graph.onnx'), () => noteFolder(folder));
  await runCommand(['models', 'verify'], env);
  await expect(openModelFolder(folder)).rejects.toMatchObject({ name: 'ModelCorrupt' });
});

test('a fetched file that no source has is told and stays as it is, with what was converted from it', async () => {
  const { env, folder, blob } = await addedModel();
  lose(blob, () => writeFileSync(`${blob}.checked`, `${stampOf(blob)}\n`));
  const pull = await runCommand(['models', 'pull', 'mine'], env);
  expect(pull).toMatchObject({ status: 1, stderr: expect.stringMatching(/no source gave 1 of 1 file\n.*damaged: /) });
  expect(statSync(blob).isFile()).toBe(true);
  await openModelFolder(folder, { digests: 'always' });
});
