// Which folders the embedded server takes for its own: new ones and those that it made. Any other is refused untouched.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../workers/dev/data-folder.ts';
import { serverAccount } from '../../workers/dev/system-account.ts';
import { ask, emptyFolder, isRoot, start, usedFolder } from './world.ts';

type Files = Readonly<Record<string, string>>;

const PASSWORDS = { postgres: 'a', admin: 'b', app: 'c', worker: 'd' };
const OUR_SECRETS = JSON.stringify({ passwords: PASSWORDS, port: 5433 });

/** Folders on the way are made; a name that ends with a slash is a folder itself. */
function folderWith(files: Files): string {
  const root = emptyFolder();
  chmodSync(root, 0o755);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name.slice(0, name.lastIndexOf('/') + 1)), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(join(root, name), text);
  }
  return root;
}

/** All below and itself, with what a touch would change. */
function everythingIn(path: string): unknown[] {
  const { mode, uid, gid, mtimeMs } = lstatSync(path);
  if (!statSync(path).isDirectory()) return [path, mode, uid, gid, mtimeMs, readFileSync(path, 'latin1')];
  const names = readdirSync(path).sort();
  return [path, mode, uid, gid, mtimeMs, ...names.map((name) => everythingIn(join(path, name)))];
}

const BELONGS_TO_OTHERS: readonly (readonly [string, Files])[] = [
  ['a project', { 'data/rows.csv': 'csv', 'server.log': 'log', owner: 'Jane Doe' }],
  ['a project with secrets of its own', { 'secrets.json': '{"passwords":{"postgres":"a"}}', owner: 'Jane Doe' }],
  ['one file named as our note, which names no process', { owner: '4711 123' }],
  ['one file named as our log', { 'server.log': 'log' }],
  ['a database cluster of another program', { 'data/PG_VERSION': '18\n', 'server.log': 'log' }],
  ['a cluster beside secrets of others', { 'data/PG_VERSION': '18\n', 'secrets.json': '{"token": "x"}' }],
  ['a copy of our passwords among other files', { 'secrets.json': OUR_SECRETS, 'letter.txt': 'Dear Jane' }],
  ['a cluster itself', { PG_VERSION: '18\n', 'global/pg_control': '', 'base/1/1259': '' }],
  ['a file named as our mark', { 'steadytext-dev': '#!/bin/sh\n', 'letter.txt': 'Dear Jane' }],
  ['an empty file named as our mark', { 'steadytext-dev': '' }],
  ['a folder named as our mark', { 'steadytext-dev/letter.txt': 'Dear Jane' }],
  ['a folder named as our passwords', { 'secrets.json/letter.txt': 'Dear Jane' }],
  ['a hidden file', { '.gitignore': '*' }],
  ['other files in a mount point', { 'lost+found/': '', 'letter.txt': 'Dear Jane' }],
];

describe('a folder of others is refused and stays as it was', () => {
  test.each(BELONGS_TO_OTHERS)('%s', async (_, files) => {
    const dataDir = folderWith(files);
    const before = everythingIn(dataDir);
    const [first] = readdirSync(dataDir).sort();
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      name: 'EmbeddedServerFailed',
      message: expect.stringMatching(
        `^${dataDir} should be new, empty, or made by "steadytext dev" before, but holds .*${first?.replace('+', '\\+')}`,
      ),
      hint: expect.stringMatching(/^Nothing in it was changed\. .*--data/),
    });
    expect(everythingIn(dataDir)).toEqual(before);
  });

  test('one with much in it: a few names are told, and how many more', async () => {
    const dataDir = folderWith(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`file-${10 + i}`, ''])));
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      message: expect.stringMatching(/but holds file-10, file-11, file-12 and 27 more$/),
    });
  });

  test.each(['file', 'file/below/it'])('and so is %s where there is a file', async (path) => {
    const folder = folderWith({ file: 'Dear Jane' });
    await expect(start({ version: 18, dataDir: join(folder, path) })).rejects.toMatchObject({
      name: 'EmbeddedServerFailed',
      message: `The data folder should be a folder, or one that can be made, but ${join(folder, 'file')} is a file`,
      hint: expect.stringContaining('--data'),
    });
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('a cluster whose passwords are lost may be ours from before there was a mark: told how it is known again', async () => {
    const dataDir = folderWith({ 'data/PG_VERSION': '18\n', 'secrets.json': '{"passwords":' });
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      hint: expect.stringContaining(`${join(dataDir, 'secrets.json')} `),
    });
  });
});

describe('a folder without anything of anybody is taken', () => {
  test.each([
    ['one that is not there', undefined],
    ['an empty one', {}],
    ['a mount point as it is made', { 'lost+found/': '' }],
    ['one that a file browser has looked at', { '.DS_Store': 'views' }],
    ['one whose start was killed while it wrote the mark', { 'steadytext-dev.4711': 'The data' }],
  ] as const)('%s', async (_, files) => {
    const dataDir = files ? folderWith(files) : join(folderWith({}), 'new');
    const server = await start({ version: 18, dataDir });
    expect(await ask(server.superuserUrl, 'select 1 as a')).toEqual([{ a: 1 }]);
    await server.stop();
    if (isRoot) expect(statSync(join(dataDir, 'data')).uid).toBe(serverAccount()!.uid);
    // Named by nothing else any more, it is ours by the mark.
    for (const name of ['data', 'secrets.json', 'server.log'])
      rmSync(join(dataDir, name), { recursive: true, force: true });
    writeFileSync(join(dataDir, 'letter.txt'), 'Dear Jane');
    expect(openDataFolder(dataDir, serverAccount()).root).toBe(dataDir);
  });
});

describe('a folder of ours is opened', () => {
  test('that was killed at any time after the mark was written', async () => {
    const files: Files = {
      owner: '4711 123',
      'secrets.json.new': '{"pass',
      'initdb-password': 'x',
      'data.ABCdef/': '',
    };
    for (const [name, text] of Object.entries(files)) {
      const dataDir = emptyFolder();
      openDataFolder(dataDir, serverAccount());
      if (name.endsWith('/')) mkdirSync(join(dataDir, name));
      else writeFileSync(join(dataDir, name), text);
      await (await start({ version: 18, dataDir })).stop();
    }
  });

  test('that an earlier build made, and is marked then', async () => {
    const dataDir = await usedFolder();
    const mark = join(dataDir, 'steadytext-dev');
    rmSync(mark);
    await (await start({ version: 18, dataDir })).stop();
    expect(existsSync(mark)).toBe(true);
  });

  test('that an earlier build left at a Ctrl-C during its first start', async () => {
    const dataDir = emptyFolder();
    openDataFolder(dataDir, serverAccount());
    rmSync(join(dataDir, 'steadytext-dev'));
    for (const [name, text] of Object.entries({ 'secrets.json': OUR_SECRETS, owner: '4711 123', 'server.log': 'log' }))
      writeFileSync(join(dataDir, name), text);
    const server = await start({ version: 18, dataDir });
    expect(server.passwords).toEqual(PASSWORDS);
  });
});

describe('in a folder of ours', () => {
  test('a file or a folder in the place of our note that is none stays', async () => {
    const dataDir = emptyFolder();
    openDataFolder(dataDir, serverAccount());
    const note = join(dataDir, 'owner');
    for (const text of ['Jane Doe', '4711 123\nand more', '', undefined]) {
      rmSync(note, { force: true });
      if (text === undefined) mkdirSync(note);
      else writeFileSync(note, text);
      const before = everythingIn(note);
      await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
        name: 'EmbeddedServerFailed',
        message: expect.stringMatching(`^${note} should hold the id of a process`),
        hint: expect.stringContaining(note),
      });
      expect(everythingIn(note)).toEqual(before);
      expect(readdirSync(dataDir).sort()).toEqual(['owner', 'steadytext-dev']);
    }
  });

  test.each([
    ['lost', undefined, 'is not there'],
    ['cut short', '{"passwords":', 'cannot be read'],
    ['of something else', '{"passwords": {"postgres": 1}}', 'cannot be read'],
    ['a folder', 'folder', 'cannot be read'],
  ])('passwords that are %s are told with their file, and what to do helps', async (_, text, what) => {
    const dataDir = await usedFolder();
    const [data, secrets] = [join(dataDir, 'data'), join(dataDir, 'secrets.json')];
    rmSync(secrets);
    if (text === 'folder') mkdirSync(secrets);
    else if (text !== undefined) writeFileSync(secrets, text);
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      name: 'EmbeddedServerFailed',
      message: expect.stringMatching(`^${secrets} should hold the passwords .* ${what}`),
      hint: expect.stringContaining(` remove ${text === undefined ? data : `${data} and ${secrets}`} to begin anew`),
    });
    expect(existsSync(secrets)).toBe(text !== undefined);
    for (const part of [data, secrets]) rmSync(part, { recursive: true, force: true });
    await start({ version: 18, dataDir });
  });
});

describe('as root', () => {
  beforeEach((context) => {
    if (!isRoot) context.skip('this test run is not by root');
  });

  test('a folder of ours that root has taken stays root’s', async () => {
    const dataDir = await usedFolder();
    chmodSync(dataDir, 0o755);
    execFileSync('chown', ['0:0', dataDir]);
    await (await start({ version: 18, dataDir })).stop();
    expect(statSync(dataDir).uid).toBe(0);
  });

  test('a folder of others that the server’s account cannot enter is refused as that of others', async () => {
    const dataDir = folderWith({ 'letter.txt': 'Dear Jane' });
    chmodSync(dataDir, 0o700);
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      message: expect.stringContaining('but holds letter.txt'),
    });
  });

  test('an empty folder of somebody else is refused and stays theirs; a new one below it is made', async () => {
    const dataDir = folderWith({});
    chownSync(dataDir, 4711, 4711);
    const before = everythingIn(dataDir);
    await expect(start({ version: 18, dataDir })).rejects.toMatchObject({
      name: 'EmbeddedServerFailed',
      message: expect.stringMatching(
        `^${dataDir} should belong to root or \\w+, .* belongs to the user with the id 4711$`,
      ),
      hint: expect.stringMatching(/^Nothing was changed\. .*--data/),
    });
    expect(everythingIn(dataDir)).toEqual(before);
    await start({ version: 18, dataDir: join(dataDir, 'new') });
    expect(statSync(dataDir).uid).toBe(4711);
    expect(statSync(join(dataDir, 'new', 'data')).uid).toBe(serverAccount()!.uid);
  });
});
