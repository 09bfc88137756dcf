// Opens a model of the hub in an engine: transformers.js runs its graph, and what goes in and comes out is ours.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { openEmbeddingModel } from '../encoder/embedding-model.ts';
import { openRerankingModel } from '../encoder/reranking-model.ts';
import type { Model } from '../local-engine.ts';
import type { HubShape, ModelFolder } from '../model-folder.ts';
import { SESSION_OPTIONS } from '../session.ts';
import { GRAPHS_FOLDER } from './hub-files.ts';
import { chooseHubOutput, hubSession } from './hub-session.ts';
import { openHubTextModel } from './hub-text-model.ts';
import type { Pipeline, Task, TransformersLibrary } from './transformers-library.ts';
import { weightPlaces } from './weight-places.ts';

export interface HubModelOptions {
  readonly library: TransformersLibrary;
  /** Threads of a run. */
  readonly threads: number;
  /** Called for each token of an answer. */
  readonly onStep: () => void;
}

const TASKS: Readonly<Record<HubShape['kind'], Task>> = {
  text: 'text-generation',
  embedding: 'feature-extraction',
  reranking: 'text-classification',
};

/** Throws ModelUnsupported for what transformers.js or this adapter cannot run. */
export async function openHubModel(folder: ModelFolder, options: HubModelOptions): Promise<Model> {
  const { shape, name } = folder.description;
  if (shape.architecture !== 'hub')
    throw new SteadyTextError('ModelUnsupported', `expected a model of the hub, ${name} came, which was converted`);
  await checkWeightPlaces(folder, shape);
  const pipeline = await openPipeline(folder, shape, options);
  try {
    return await openOfItsKind(folder, shape, pipeline, options);
  } catch (error) {
    await pipeline.model.dispose();
    throw error;
  }
}

async function openOfItsKind(folder: ModelFolder, shape: HubShape, pipeline: Pipeline, options: HubModelOptions) {
  if (shape.kind === 'text') return openHubTextModel(folder, shape, pipeline, options);
  const { inputNames, outputNames } = pipeline.model.sessions.model!;
  const { output, pooled } = chooseHubOutput(folder, shape.kind, outputNames);
  const graph = {
    mask: inputNames.includes('attention_mask'),
    types: inputNames.includes('token_type_ids'),
    output,
    alone: 'nothing is known of the graph',
  };
  const session = hubSession(pipeline.model, options.library);
  const encoderOptions = { groupTokens: 1, threads: 1, openSession: async () => session };
  const common = { vocabulary: 0, maxTokens: shape.maxTokens, graph };
  if (shape.kind === 'reranking')
    return openRerankingModel(folder, { architecture: 'onnx-cross-encoder', ...common }, encoderOptions);
  const { dimension, pooling = 'mean', normalize = true, prompts } = shape;
  return openEmbeddingModel(
    folder,
    {
      ...{ architecture: 'onnx-encoder', ...common, hidden: dimension!, dimension: dimension!, normalize },
      pooling: pooled ? 'graph' : pooling,
      ...(prompts && { prompts }),
    },
    encoderOptions,
  );
}

async function openPipeline(
  { path }: ModelFolder,
  { kind, dtype }: HubShape,
  { library, threads }: HubModelOptions,
): Promise<Pipeline> {
  const task = TASKS[kind];
  try {
    return await library.pipeline(task, path, {
      dtype,
      // Said here, config.json has no word in it.
      ...{ device: 'cpu', subfolder: GRAPHS_FOLDER, local_files_only: true, use_external_data_format: false },
      session_options: { ...SESSION_OPTIONS, intraOpNumThreads: threads },
    });
  } catch (cause) {
    const reason = String((cause as Error).message ?? cause).split('\n')[0];
    throw new SteadyTextError(
      'ModelUnsupported',
      `expected a model in ${path} that transformers.js can run as ${task}: ${reason}`,
      { hint: 'Check its kind and dtype, and whether its repository says that transformers.js runs it.', cause },
    );
  }
}

/** What a graph names is opened by onnxruntime itself, whatever transformers.js was told: only files beside it may be named. */
async function checkWeightPlaces({ path, description }: ModelFolder, { graph }: HubShape): Promise<void> {
  const file = join(path, graph);
  const beside = Object.keys(description.files)
    .filter((name) => dirname(name) === dirname(graph) && name !== graph)
    .map((name) => basename(name));
  let places: ReadonlySet<string>;
  try {
    places = weightPlaces(await readFile(file));
  } catch (error) {
    throw new SteadyTextError('ModelCorrupt', `${file}: expected an ONNX model, got ${(error as Error).message}`);
  }
  for (const place of places) {
    if (beside.includes(place)) continue;
    throw new SteadyTextError(
      'ModelCorrupt',
      `${file}: expected weights in ${beside.join(', ') || 'the graph itself'}, got ${JSON.stringify(place)}`,
      {
        hint: 'Weights lie in files beside the graph that are named after it; a graph that names another is not opened.',
      },
    );
  }
}
