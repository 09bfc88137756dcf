// The library @huggingface/transformers, which is not installed with this package: it brings 177 MB (onnxruntime-web, sharp) that
// few want. What is used of it is written down here, since its own types follow every model that it knows.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { SteadyTextError } from '../../errors.ts';

/** It wants onnxruntime-node 1.30.0 exactly, as this package does: two versions in one process collide. */
export const TRANSFORMERS_VERSION = '4.3.1';
const TRANSFORMERS = '@huggingface/transformers';

export type Task = 'text-generation' | 'feature-extraction' | 'text-classification';

export interface Pipeline {
  readonly tokenizer: unknown;
  readonly model: PipelineModel;
}

export interface PipelineModel {
  (inputs: Readonly<Record<string, LibraryTensor>>): Promise<Readonly<Record<string, LibraryTensor>>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly generation_config: Readonly<Record<string, unknown>> | null;
  readonly sessions: Readonly<Record<string, InferenceSession>>;
  generate(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  dispose(): Promise<unknown>;
}

/** An onnxruntime tensor with methods. */
export interface LibraryTensor {
  readonly type: Tensor.Type;
  readonly data: Tensor.DataType;
  readonly dims: readonly number[];
  to(type: 'float32'): LibraryTensor;
}

export interface TransformersLibrary {
  readonly env: Record<string, unknown>;
  readonly LogLevel: { readonly NONE: number };
  readonly Tensor: new (type: Tensor.Type, data: Tensor.DataType, dims: readonly number[]) => LibraryTensor;
  readonly TextStreamer: new (tokenizer: unknown, options: Readonly<Record<string, unknown>>) => object;
  readonly InterruptableStoppingCriteria: new () => { interrupt(): void };
  readonly random: { seed(seed: number): void };
  pipeline(task: Task, folder: string, options: Readonly<Record<string, unknown>>): Promise<Pipeline>;
}

/**
 * Nothing comes from the network or into a cache of its own: models are folders whose files were checked. Remote code it has
 * none: it reads JSON and ONNX.
 */
export async function loadTransformers(): Promise<TransformersLibrary> {
  checkTransformers();
  const library = (await import('@huggingface/transformers')) as unknown as TransformersLibrary;
  Object.assign(library.env, {
    allowRemoteModels: false,
    allowLocalModels: true,
    useFSCache: false,
    useBrowserCache: false,
    useWasmCache: false,
    cacheDir: null,
    fetch: async () => {
      throw new Error('expected no fetch: models are folders of this machine');
    },
    // It writes to standard error; what it throws is told.
    logLevel: library.LogLevel.NONE,
  });
  return library;
}

/** Throws InvalidConfiguration where the library is not installed, or in another version. `find` gives the path of its main file. */
export function checkTransformers(
  find: () => string = () => createRequire(import.meta.url).resolve(TRANSFORMERS),
): void {
  const version = versionAt(find);
  if (version === TRANSFORMERS_VERSION) return;
  throw new SteadyTextError(
    'InvalidConfiguration',
    `expected ${TRANSFORMERS} ${TRANSFORMERS_VERSION} beside this package to run models of the hub, got ${version ?? 'none'}`,
    { hint: `Run: npm install ${TRANSFORMERS}@${TRANSFORMERS_VERSION}` },
  );
}

/** Undefined where there is none. Its exports leave out its package.json, so that is looked for above its main file. */
function versionAt(find: () => string): string | undefined {
  try {
    for (let folder = dirname(find()); folder !== dirname(folder); folder = dirname(folder)) {
      const file = join(folder, 'package.json');
      if (!existsSync(file)) continue;
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
      if (name === TRANSFORMERS) return version;
    }
  } catch {
    // It is not installed, or not whole.
  }
  return undefined;
}
