// An encoder that came as an ONNX graph, as transformers.js and sentence-transformers write them: it runs as it is, once it is
// known what goes in and comes out, that its weights lie where they may, and that its operators are onnxruntime's own.

import { readFileSync, statSync } from 'node:fs';
import type { ModelKind } from '../engine.ts';
import type { ModelShape, ReadyMadeGraph } from '../model-folder.ts';
import type { SourceFiles } from '../store/model-store.ts';
import { readSentenceSettings } from './graphs/sentence-settings.ts';
import { neededFiles } from './needed-files.ts';
import { mixes } from './onnx/apart.ts';
import { moveWeights } from './onnx/move-weights.ts';
import { type OnnxModel, readOnnxModel } from './onnx/onnx-model.ts';
import { checkInputs, checkOperators, chooseOutput, type GraphOutput } from './onnx/ready-made-graph.ts';
import { readReadyMadeSettings } from './onnx/ready-made-settings.ts';
import { openExternal } from './onnx/ready-made-weights.ts';
import { closingOnError } from './read/closing-on-error.ts';
import { corrupt, unsupported } from './read/source-errors.ts';
import type { SourceModel } from './source-model.ts';
import { pairsOf, readTokenizerFiles } from './tokenizer/tokenizer-files.ts';

/** Of a protobuf message. Larger models keep their weights beside the graph. */
const MOST_BYTES = 2 ** 31 - 1;

export function openReadyMade(kind: ModelKind, path: string, sourceFiles: SourceFiles): SourceModel {
  if (kind === 'text') throw unsupported(path, 'expected a text model as one GGUF file, got an ONNX graph');
  const needed = neededFiles(path, sourceFiles, `a ready-made model of kind ${kind}`);
  const settings = readReadyMadeSettings(kind, { ...sourceFiles, ...needed });
  const tokenizer = readTokenizerFiles(needed.tokenizer, needed.tokenizer_config, settings.vocabulary, pairsOf(kind));
  const { size } = statSync(path);
  if (size > MOST_BYTES)
    throw corrupt(path, `expected an ONNX file below 2 GiB, the most of its format, got ${size} bytes`);
  const bytes = readFileSync(path);
  const model = read(path, bytes);
  checkOperators(path, model);
  const inputs = checkInputs(path, model);
  const output = chooseOutput(path, model, kind, sourceFiles.pooling_config !== undefined);
  const graph: ReadyMadeGraph = { ...inputs, output: output.name, ...alone(model, inputs, output) };
  const { vocabulary, maxTokens } = settings;
  const common = { vocabulary, maxTokens, graph };
  const shape: ModelShape =
    kind === 'reranking'
      ? { architecture: 'onnx-cross-encoder', ...common }
      : { architecture: 'onnx-encoder', ...common, ...embeddingShape(sourceFiles, settings, output) };
  const external = openExternal(path, model, sourceFiles.weights_data);
  const none = () => {
    throw corrupt(path, 'a ready-made graph has no tensors that are read one by one');
  };
  const file = { path, names: [], shape: none, rows: none, close: () => external.close() };
  return closingOnError(file, () => ({
    file,
    tokenizer,
    shape,
    ownBytes: bytes.length + external.bytes,
    writeGraph: (weights, _format, onWeights) => moveWeights(bytes, weights, external.read, onWeights),
  }));
}

function read(path: string, bytes: Buffer): OnnxModel {
  try {
    return readOnnxModel(bytes);
  } catch (error) {
    throw corrupt(path, `expected an ONNX model, got ${(error as Error).message}`);
  }
}

/** Why texts run one by one, where they do. */
function alone(
  model: OnnxModel,
  { mask }: Pick<ReadyMadeGraph, 'mask'>,
  { name, perToken, oneByOne }: GraphOutput,
): Pick<ReadyMadeGraph, 'alone'> {
  const why =
    mixes(model, name) ??
    (mask ? undefined : 'the graph takes no attention_mask, so it sees padding as text') ??
    (oneByOne ? 'the graph takes one text at a time' : undefined) ??
    // A product of one row takes another order of additions than one of several.
    (perToken ? undefined : 'the graph makes one row of a text by itself');
  return why === undefined ? {} : { alone: why };
}

function embeddingShape(
  files: SourceFiles,
  { hidden, dimensions }: ReturnType<typeof readReadyMadeSettings>,
  { perToken, width, name }: GraphOutput,
) {
  const path = files.config!;
  const dimension = width ?? hidden;
  if (dimension === undefined)
    throw corrupt(path, `expected hidden_size, since the graph says nothing of the width of ${name}`);
  if (perToken && hidden !== undefined && hidden !== dimension)
    throw corrupt(path, `expected hidden_size ${dimension}, as ${name} of the graph has it, got ${hidden}`);
  const longest = Math.max(0, ...(dimensions ?? []));
  if (longest > dimension)
    throw corrupt(path, `matryoshka_dimensions: expected at most ${dimension}, the model's own, got ${longest}`);
  // The graph pools itself: what the file of the pooling says has been done.
  const { pooling_config: _, ...unpooled } = files;
  const { pooling, normalize, prompts } = readSentenceSettings(perToken ? files : unpooled, dimension);
  return {
    hidden: dimension,
    pooling: perToken ? pooling : ('graph' as const),
    normalize,
    dimension,
    ...(dimensions?.length && { dimensions: [...new Set([...dimensions, dimension])].sort((a, b) => a - b) }),
    ...(prompts && { prompts }),
  };
}
