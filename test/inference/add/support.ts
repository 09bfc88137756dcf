// Tiny models as people find them: folders, repositories of a hub and wheels, and a world to add them to.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AddOptions, addModel } from '../../../workers/inference/add/add-model.ts';
import type { AddPlan } from '../../../workers/inference/add/plan.ts';
import { tryOut } from '../../../workers/inference/add/try-out.ts';
import { ensureConverted } from '../../../workers/inference/convert/ensure-converted.ts';
import type { FileRole } from '../../../workers/inference/store/manifest.ts';
import { tinyLlama } from '../convert/tiny-llama.ts';
import type { Sources } from '../engine/tiny-models.ts';
import { CLOSED, offlinePip, send, sha256, type startHub, type TestFile, tempFolder } from '../store/support.ts';

const PATHS: Readonly<Partial<Record<FileRole, string>>> = {
  weights: 'model.safetensors',
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizer_config: 'tokenizer_config.json',
  sentence_config: 'sentence_bert_config.json',
  pooling_config: '1_Pooling/config.json',
  modules: 'modules.json',
  prompts: 'config_sentence_transformers.json',
};

/** Source files by role, under the names that they have on the hub. */
export function filesOf(sources: Sources, weights = 'model.safetensors'): TestFile[] {
  return Object.entries(sources).map(([role, body]) => ({
    path: role === 'weights' ? weights : PATHS[role as FileRole]!,
    body,
  }));
}

/** `files` with some in place of theirs, added, or (undefined) left out. */
export function changed(files: readonly TestFile[], changes: Readonly<Record<string, Buffer | undefined>>): TestFile[] {
  const others = files.filter(({ path }) => !(path in changes));
  return [...others, ...Object.entries(changes).flatMap(([path, body]) => (body ? [{ path, body }] : []))];
}

export function tinyGguf(): Buffer {
  return tinyLlama(7).bytes;
}

export async function folderWith(files: readonly TestFile[], name = 'my-model'): Promise<string> {
  const folder = join(await tempFolder(), name);
  for (const { path, body } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
  }
  return folder;
}

export const REPO = 'tests/Tiny_Model';
export const COMMIT = 'c0ffee'.repeat(6).padEnd(40, '0');
const LARGE = /\.(safetensors|gguf|onnx|onnx_data|data)$/;

/** What a hub answers of one repository at one commit; digests of large files only, as the real one. */
export function hubOf(files: readonly TestFile[], more: object = {}): Parameters<typeof startHub>[0] {
  const siblings = files.map(({ path, body }) => ({
    rfilename: path,
    size: body.length,
    ...(LARGE.test(path) && { lfs: { sha256: sha256(body), size: body.length, pointerSize: 130 } }),
  }));
  const list = { id: REPO, sha: COMMIT, siblings, cardData: { license: 'apache-2.0' }, ...more };
  return {
    [`/api/models/${REPO}/revision/main?blobs=true`]: send(Buffer.from(JSON.stringify(list))),
    ...Object.fromEntries(files.map(({ path, body }) => [`/${REPO}/resolve/${COMMIT}/${path}`, send(body)])),
  };
}

export interface AddWorld {
  readonly cacheDir: string;
  readonly modelDir: string;
  readonly plans: AddPlan[];
  add(address: string, options?: Partial<AddOptions>): ReturnType<typeof addModel>;
}

/** No network unless a test gives one. */
export async function addWorld(): Promise<AddWorld> {
  const cacheDir = await tempFolder();
  const modelDir = join(await tempFolder(), 'models');
  const plans: AddPlan[] = [];
  const patience = { connectMs: 1_000, silenceMs: 1_000, slowMs: 2_000, leastBytes: 1_000 };
  return {
    cacheDir,
    modelDir,
    plans,
    add: (address, options = {}) =>
      addModel({
        ...{ address, cacheDir, modelDir, patience, hfEndpoint: CLOSED, pip: offlinePip('/nonexistent') },
        ...{ format: 'nb8', replace: false, dryRun: false, convert: ensureConverted, tryOut },
        onPlan: (plan) => plans.push(plan),
        ...options,
      }),
  };
}
