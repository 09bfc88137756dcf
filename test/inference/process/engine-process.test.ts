// An engine in a process of its own: what happens when it, or its parent, is no more.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { type EngineProcess, startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { heldBytes } from '../../support/garbage.ts';
import { waitFor } from '../../support/wait-for.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

let text: ModelFolder;
let embedding: ModelFolder;
beforeAll(async () => {
  text = await tiny.text('nb8');
  embedding = await tiny.embedding('nb8');
});

async function startLoaded(): Promise<EngineProcess> {
  const engine = startEngineProcess();
  onTestFinished(() => engine.close());
  await engine.load(text);
  await engine.load(embedding);
  return engine;
}

const generation = (id: string) => ({
  ...{ id, model: 'tiny-text', prompt: 'the inn', maxTokens: 300, stop: [], temperature: 1, seed: 5 },
});

describe('an engine process', () => {
  test('that is killed while it works rejects everything that ran, and is gone', async () => {
    const engine = await startLoaded();
    const running: Promise<unknown>[] = [engine.embed({ model: 'tiny-embedding', texts: ['a'] }), engine.describe()];
    const begun = Promise.withResolvers<void>();
    for (let i = 0; i < 20; i++) running.push(engine.generate(generation(`k${i}`), () => begun.resolve()));
    await begun.promise;
    process.kill(engine.pid, 'SIGKILL');
    const died = (await Promise.allSettled(running)).filter(({ status }) => status === 'rejected');
    expect(died.length).toBeGreaterThan(10);
    for (const { reason } of died as PromiseRejectedResult[]) {
      expect(isSteadyTextError(reason, 'EngineDied')).toBe(true);
      expect(reason.message).toBe(`expected a running engine: process ${engine.pid} was ended by SIGKILL`);
    }
    expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(isAlive(engine.pid)).toBe(false);
    await expect(engine.describe()).rejects.toMatchObject({ name: 'EngineDied' });
  });

  test('ends by itself when its parent is killed, also in the middle of work', async () => {
    const parent = fork(join(import.meta.dirname, 'parent.ts'), [text.path]);
    const [pid] = (await once(parent, 'message')) as [number];
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'the engine to end after its parent');
  });

  test('closes within a moment, leaves nothing behind, and may be closed twice', async () => {
    const engine = await startLoaded();
    await Promise.all([engine.close(), engine.close()]);
    expect(await engine.exited).toEqual({ code: 0, signal: null });
    expect(isAlive(engine.pid)).toBe(false);
  });

  test('that does not close by itself is ended', async () => {
    const engine = await startLoaded();
    process.kill(engine.pid, 'SIGSTOP');
    await engine.close();
    expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('has its answers kept by nobody', async () => {
    const engine = await startLoaded();
    const many = async (count: number) => {
      for (let i = 0; i < count; i += 100)
        await Promise.all(Array.from({ length: 100 }, () => engine.embed({ model: 'tiny-embedding', texts: ['a'] })));
    };
    await many(500);
    const before = await heldBytes();
    await many(5000);
    // The promise of a call and its answer are more than 500 bytes.
    expect((await heldBytes()) - before).toBeLessThan(1e6);
  });

  test('leaves SIGTERM and SIGINT to its parent', async () => {
    const engine = await startLoaded();
    process.kill(engine.pid, 'SIGTERM');
    process.kill(engine.pid, 'SIGINT');
    const { vectors } = await engine.embed({ model: 'tiny-embedding', texts: ['still here'] });
    expect(vectors).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')('has none of our environment, so no password of a database', async () => {
    const engine = await startLoaded();
    const environment = readFileSync(`/proc/${engine.pid}/environ`, 'utf8');
    const names = environment.split('\0').map((line) => line.split('=')[0]!);
    expect(
      names.filter((name) => name && !/^(NODE_CHANNEL_|NODE_COMPILE_CACHE$|MALLOC_|GLIBC_TUNABLES$)/.test(name)),
    ).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'takes what is compiled from where its parent keeps it, and adds to it',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'steadytext-compiled-'));
      const parent = fork(join(import.meta.dirname, 'parent.ts'), [text.path], { env: { NODE_COMPILE_CACHE: folder } });
      const [pid] = (await once(parent, 'message')) as [number];
      onTestFinished(async () => {
        parent.kill('SIGKILL');
        await waitFor(() => !isAlive(pid), 'the engine to end');
        await rm(folder, { recursive: true });
      });
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')).toContain(`NODE_COMPILE_CACHE=${folder}`);
      // The parent would write at its end; so far only the engine has.
      await waitFor(() => readdirSync(folder, { recursive: true }).length > 10, 'what the engine has compiled');
    },
  );

  test.runIf(process.platform === 'linux')(
    'keeps no usage data: onnxruntime would open a file for it, then send it',
    async () => {
      const engine = await startLoaded();
      await engine.embed({ model: 'tiny-embedding', texts: ['a'] });
      const folder = `/proc/${engine.pid}/fd`;
      const open = readdirSync(folder).map((descriptor) => readlinkSync(join(folder, descriptor)));
      expect(open.length).toBeGreaterThan(3);
      expect(open.filter((path) => /onnxruntime\.db|telemetry/i.test(path))).toEqual([]);
    },
  );

  test('writes nothing into HOME and TMPDIR', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'steadytext-empty-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const engine = startEngineProcess({}, { HOME: folder, TMPDIR: folder });
    onTestFinished(() => engine.close());
    await engine.load(text);
    await engine.generate(generation('h'));
    expect(readdirSync(folder)).toEqual([]);
    await engine.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('passes errors on as they are, with message and hint', async () => {
    const engine = startEngineProcess();
    onTestFinished(() => engine.close());
    const broken = { ...text, path: join(tiny.folder, 'nothing-here') };
    const error = await engine.load(broken).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'ModelCorrupt', code: 'ST061', hint: expect.stringContaining('Remove') });
    await expect(engine.load(text)).resolves.toMatchObject({ name: 'tiny-text' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // An orphan that has ended stays in the table until its new parent looks: in a container, maybe never.
  return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
