// A model's source files, opened as the family they are of: what a graph is written from.

import type { NumberFormat } from '../choose-format.ts';
import type { ModelKind } from '../engine.ts';
import type { ModelShape } from '../model-folder.ts';
import type { WeightForm } from '../store/manifest.ts';
import type { SourceFiles } from '../store/model-store.ts';
import { openCrossEncoder, openEncoder } from './bert-source.ts';
import { writeDecoderGraph } from './graphs/decoder-graph.ts';
import { decoderFamily, KNOWN_FAMILIES } from './graphs/families/families.ts';
import { readGgufShape } from './graphs/gguf-shape.ts';
import { checkGgufTensors } from './graphs/gguf-tensors.ts';
import { newGraph } from './new-graph.ts';
import type { WeightFile } from './onnx/weight-file.ts';
import { checkRankHead, RANK_HEAD, rankAnswers } from './rank-answers.ts';
import { closingOnError } from './read/closing-on-error.ts';
import { openGguf } from './read/gguf-file.ts';
import { metadataFields } from './read/metadata-fields.ts';
import { unsupported } from './read/source-errors.ts';
import type { TensorFile } from './read/tensor-file.ts';
import { openReadyMade } from './ready-made-source.ts';
import { checkTemplate } from './tokenizer/check-template.ts';
import { readGgufTokenizer, type TokenizerFiles } from './tokenizer/gguf-tokenizer.ts';

export interface SourceModel {
  readonly file: TensorFile;
  readonly shape: ModelShape;
  readonly tokenizer: Pick<TokenizerFiles, 'tokenizer' | 'config'>;
  /** Writes the weights and gives the bytes of graph.onnx; `onWeights` is called whenever a tensor has been written. */
  writeGraph(weights: WeightFile, format: NumberFormat, onWeights: () => void): Buffer;
  /** The floats of head.data, of a model that has layers behind its graph. */
  readonly head?: () => Float32Array;
  /** Where the weight file tells it. */
  readonly licence?: string | undefined;
  /** Of a graph that stays what it is: how large it is. */
  readonly ownBytes?: number;
}

/**
 * `form`: what its weights are stored as. Without one a text model's are GGUF, and the others' safetensors, which a reranker's need
 * not be.
 */
export function openSourceModel(kind: ModelKind, sourceFiles: SourceFiles, form?: WeightForm): SourceModel {
  const { weights } = sourceFiles;
  if (weights === undefined) throw new TypeError('A model has a source file of role "weights"');
  if (form === 'onnx') return openReadyMade(kind, weights, sourceFiles);
  if (kind === 'text' || (kind === 'reranking' && form === 'gguf')) return openDecoder(weights, kind === 'reranking');
  return kind === 'embedding' ? openEncoder(weights, sourceFiles) : openCrossEncoder(weights, sourceFiles);
}

function openDecoder(path: string, ranks: boolean): SourceModel {
  const file = openGguf(path);
  return closingOnError(file, () => {
    const fields = metadataFields(path, file.metadata);
    const named = fields.text('general.architecture');
    const family = decoderFamily(named);
    if (family === undefined)
      throw unsupported(
        path,
        `model family "${named}" is not known; known are ${KNOWN_FAMILIES.join(', ')} (and bert as safetensors)`,
      );
    const shape = readGgufShape(path, fields, family);
    checkGgufTensors(file, shape, ranks ? [RANK_HEAD] : []);
    const { endTokens, ...tokenizer } = readGgufTokenizer(path, fields);
    checkTemplate(path, { ...tokenizer.config }, ranks);
    const reranks = ranks ? rankAnswers(path, tokenizer) : undefined;
    const { layers, hidden, heads, kvHeads, headSize, vocabulary, maxTokens } = shape;
    const sizes = { layers, hidden, heads, kvHeads, headSize, vocabulary, maxTokens };
    return {
      file,
      tokenizer,
      shape: { architecture: family.name, ...sizes, endTokens, ...(reranks && { reranks }) },
      licence: licenceOf(file.metadata.get('general.license')),
      writeGraph: newGraph(path, (graph, layers) => {
        if (reranks) checkRankHead(file, reranks);
        writeDecoderGraph(graph, layers, file, shape);
      }),
    };
  });
}

/** It decides nothing: a value of another type is as good as none. */
function licenceOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
