// The command itself, killed in the middle: nothing serves what is half there, and the next run goes on and clears up.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runSteadytext, startSteadytext } from '../../commands/steadytext-process.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import { CLOSED, filesBelow, startHub, tempFolder, until } from '../store/support.ts';
import { COMMIT, filesOf, folderWith, hubOf, REPO } from './support.ts';

const encoder = filesOf(tinyEncoder(3).sources);
const weights = encoder.find(({ path }) => path === 'model.safetensors')!;
const WEIGHTS = `/${REPO}/resolve/${COMMIT}/model.safetensors`;

async function world(hfEndpoint: string) {
  const cacheDir = await tempFolder();
  const modelDir = await tempFolder();
  const env = {
    ...{ STEADYTEXT_CACHE_DIR: cacheDir, STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_MODEL_FORMAT: 'nb8' },
    ...{ HF_ENDPOINT: hfEndpoint, PIP_NO_INDEX: '1' },
  };
  return { cacheDir, modelDir, env };
}

/** Sends the weights whole when their header is looked at, which comes first, and then only their beginning. */
async function slowHub() {
  let times = 0;
  const answers = hubOf(encoder);
  const slow = await startHub({
    ...answers,
    [WEIGHTS]: (request, response) => {
      if (++times === 1) return answers[WEIGHTS]!(request, response);
      response.writeHead(200, { 'content-length': weights.body.length }).write(weights.body.subarray(0, 10_000));
    },
  });
  return { answers, slow, times: () => times };
}

test('killed while the weights come, it is gone on with', async () => {
  const { answers, slow, times } = await slowHub();
  const { cacheDir, modelDir, env } = await world(slow.url);
  const running = startSteadytext(['models', 'add', `hf:${REPO}`], env);
  const temporary = join(cacheDir, 'models', 'tmp');
  await until(
    async () => (times() > 1 && (await filesBelow(temporary)).some((path) => /[0-9a-f]{64}$/.test(path))) || undefined,
  );
  running.child.kill('SIGKILL');
  expect(await running.ended).toBe('SIGKILL');
  expect(await filesBelow(modelDir)).toEqual([]);
  expect((await readdir(temporary)).length).toBeGreaterThan(0);

  const good = await startHub(answers);
  const again = await runSteadytext(['models', 'add', `hf:${REPO}`], { ...env, HF_ENDPOINT: good.url });
  expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('tried: an embedding of 64 numbers') });
  expect(await filesBelow(temporary)).toEqual([]);
  expect(await filesBelow(modelDir)).toEqual(['manifest.json']);
});

test('stopped by Ctrl-C while the weights come, it clears up behind itself', async () => {
  const { slow, times } = await slowHub();
  const { cacheDir, modelDir, env } = await world(slow.url);
  const running = startSteadytext(['models', 'add', `hf:${REPO}`], env);
  await until(() => times() > 1 || undefined);
  running.child.kill('SIGINT');
  expect(await running.ended).toBe(130);
  expect(running.stderr()).toContain('Stopped; only whole files were kept.');
  expect(await filesBelow(join(cacheDir, 'models', 'tmp'))).toEqual([]);
  expect(await filesBelow(modelDir)).toEqual([]);
});

describe('the command', () => {
  test('prints what the model is, and how it is served', async () => {
    const { modelDir, env } = await world(CLOSED);
    const folder = await folderWith(encoder);
    const dry = await runSteadytext(['models', 'add', folder, '--dry-run'], env);
    expect(dry.status).toBe(0);
    expect(dry.stdout).toMatch(/^my-model: embedding model, bert, up to 24 tokens, 64 numbers, digest \w{12}…\nfrom /);
    expect(dry.stdout).toMatch(/weights +│ model.safetensors +│ [\d,]+ +│ [0-9a-f]{64}/);
    expect(dry.stdout).toMatch(
      /licence: not told by the source\nformat: nb8, as it is set: nothing is measured\ndisk: .* fetched, about .* converted\)\nmemory: about /,
    );
    expect(dry.stdout).toMatch(/dry run: nothing was kept\n$/);
    expect(await filesBelow(modelDir)).toEqual([]);
    const { stdout } = await runSteadytext(['models', 'add', folder], env);
    expect(stdout).toContain(`added my-model to ${modelDir}/manifest.json`);
    expect(stdout).toContain(`STEADYTEXT_MODEL_DIR=${modelDir} STEADYTEXT_EMBEDDING_MODEL=my-model`);
    const { stdout: list } = await runSteadytext(['models', 'list'], env);
    expect(list).toMatch(/my-model +│ embedding +│ not told by the source +│ .* present +│ nb8/);
  });

  test('asks for a folder to write into, and refuses a kind that it does not know', async () => {
    const { env } = await world(CLOSED);
    const none = await runSteadytext(['models', 'add', await folderWith(encoder)], {
      ...env,
      STEADYTEXT_MODEL_DIR: '',
    });
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('STEADYTEXT_MODEL_DIR: expected a folder'),
    });
    const kind = await runSteadytext(['models', 'add', '.', '--kind', 'image'], env);
    expect(kind).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Expected one of text, embedding, reranking, got image'),
    });
  });
});
