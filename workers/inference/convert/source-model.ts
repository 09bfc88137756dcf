// A model's source files, opened as the family they are of: what a graph is written from.

import type { DecoderShape, EncoderShape } from '../model-folder.ts';
import type { SourceFiles } from '../store/model-store.ts';
import { writeBertGraph } from './graphs/bert-graph.ts';
import { readBertShape } from './graphs/bert-shape.ts';
import { bertPrefix, bertTensors } from './graphs/bert-tensors.ts';
import { writeDecoderGraph } from './graphs/decoder-graph.ts';
import { checkTensors } from './graphs/expected-tensors.ts';
import { decoderFamily, KNOWN_FAMILIES } from './graphs/families/families.ts';
import { readGgufShape } from './graphs/gguf-shape.ts';
import { checkGgufTensors } from './graphs/gguf-tensors.ts';
import type { LayerWriter } from './graphs/layers.ts';
import type { GraphWriter } from './onnx/graph-writer.ts';
import { openGguf } from './read/gguf-file.ts';
import { metadataFields } from './read/metadata-fields.ts';
import { openSafetensors } from './read/safetensors-file.ts';
import { unsupported } from './read/source-errors.ts';
import type { TensorFile } from './read/tensor-file.ts';
import { readGgufTokenizer, type TokenizerFiles } from './tokenizer/gguf-tokenizer.ts';
import { readTokenizerFiles } from './tokenizer/tokenizer-files.ts';

export interface SourceModel {
  readonly file: TensorFile;
  readonly shape: DecoderShape | EncoderShape;
  readonly tokenizer: Pick<TokenizerFiles, 'tokenizer' | 'config'>;
  writeGraph(graph: GraphWriter, layers: LayerWriter): void;
}

/** Text models come as one GGUF file, embedding models as safetensors with settings beside it. */
export function openSourceModel(kind: 'text' | 'embedding', sourceFiles: SourceFiles): SourceModel {
  const { weights } = sourceFiles;
  if (weights === undefined) throw new TypeError('A model has a source file of role "weights"');
  return kind === 'text' ? openDecoder(weights) : openBert(weights, sourceFiles);
}

function openDecoder(path: string): SourceModel {
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
    checkGgufTensors(file, shape);
    const { endTokens, ...tokenizer } = readGgufTokenizer(path, fields);
    const { layers, hidden, heads, kvHeads, headSize, vocabulary, maxTokens } = shape;
    const sizes = { layers, hidden, heads, kvHeads, headSize, vocabulary, maxTokens };
    return {
      file,
      tokenizer,
      shape: { architecture: family.name, ...sizes, endTokens },
      writeGraph: (graph, writer) => writeDecoderGraph(graph, writer, file, shape),
    };
  });
}

function openBert(path: string, sourceFiles: SourceFiles): SourceModel {
  const { config, tokenizer, tokenizer_config } = sourceFiles;
  if (!config || !tokenizer || !tokenizer_config)
    throw unsupported(
      path,
      'expected files of the roles config, tokenizer and tokenizer_config beside the weights of an embedding model, ' +
        `got ${Object.keys(sourceFiles).join(', ')}`,
    );
  const shape = readBertShape({ ...sourceFiles, config });
  const file = openSafetensors(path);
  return closingOnError(file, () => {
    checkTensors(file, bertTensors(shape, bertPrefix(file)));
    const { layers, hidden, heads, vocabulary, maxTokens, pooling, normalize } = shape;
    const sizes = { layers, hidden, heads, vocabulary, maxTokens };
    return {
      file,
      tokenizer: readTokenizerFiles(tokenizer, tokenizer_config),
      shape: { architecture: 'bert', ...sizes, pooling, normalize, dimension: hidden },
      writeGraph: (graph, writer) => writeBertGraph(graph, writer, file, shape),
    };
  });
}

function closingOnError(file: TensorFile, open: () => SourceModel): SourceModel {
  try {
    return open();
  } catch (error) {
    file.close();
    throw error;
  }
}
