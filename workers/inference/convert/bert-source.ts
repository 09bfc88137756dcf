// The source files of a BERT-family model, opened as what it is for: embeddings of texts, or scores of pairs.

import { z } from 'zod';
import type { SourceFiles } from '../store/model-store.ts';
import { writeBertGraph } from './graphs/bert-graph.ts';
import { type BertShape, readBertShape } from './graphs/bert-shape.ts';
import { bertPrefix, bertTensors } from './graphs/bert-tensors.ts';
import { checkTensors } from './graphs/expected-tensors.ts';
import { checkScoreHead, readScoreHead, scoreHeadTensors } from './graphs/score-head.ts';
import { readSentenceSettings } from './graphs/sentence-settings.ts';
import { neededFiles } from './needed-files.ts';
import { newGraph } from './new-graph.ts';
import { closingOnError } from './read/closing-on-error.ts';
import { openSafetensors } from './read/safetensors-file.ts';
import { readSettings } from './read/settings-file.ts';
import { unsupported } from './read/source-errors.ts';
import type { SourceModel } from './source-model.ts';
import { readTokenizerFiles } from './tokenizer/tokenizer-files.ts';

export function openEncoder(path: string, sourceFiles: SourceFiles): SourceModel {
  const needed = neededFiles(path, sourceFiles, 'an embedding model');
  const shape = readBertShape({ ...sourceFiles, config: needed.config });
  const { pooling, normalize, prompts } = readSentenceSettings(sourceFiles, shape.hidden);
  const file = openSafetensors(path);
  return closingOnError(file, () => {
    checkTensors(file, bertTensors(shape, bertPrefix(file)));
    const { dimensions } = shape;
    return {
      file,
      tokenizer: readTokenizerFiles(needed.tokenizer, needed.tokenizer_config, shape.vocabulary),
      shape: {
        architecture: 'bert',
        ...sizesOf(shape),
        pooling,
        normalize,
        dimension: shape.hidden,
        ...(dimensions && { dimensions }),
        ...(prompts && { prompts }),
      },
      writeGraph: newGraph(path, (graph, layers) => writeBertGraph(graph, layers, file, shape)),
    };
  });
}

const lengthSchema = z.object({ model_max_length: z.number().positive().nullish() });

export function openCrossEncoder(path: string, sourceFiles: SourceFiles): SourceModel {
  const needed = neededFiles(path, sourceFiles, 'a reranking model');
  const shape = readBertShape({ ...sourceFiles, config: needed.config });
  if (shape.tokenTypes < 2)
    throw unsupported(needed.config, `expected two types of tokens, of queries and documents, got ${shape.tokenTypes}`);
  // Where a tokenizer knows no length, its settings have 10^30 for it.
  const length = readSettings(needed.tokenizer_config, lengthSchema).model_max_length ?? Number.POSITIVE_INFINITY;
  const file = openSafetensors(path);
  return closingOnError(file, () => {
    const prefix = bertPrefix(file);
    checkScoreHead(file);
    checkTensors(file, scoreHeadTensors(bertTensors(shape, prefix), prefix, shape.hidden));
    const sizes = sizesOf(shape);
    return {
      file,
      tokenizer: readTokenizerFiles(needed.tokenizer, needed.tokenizer_config, shape.vocabulary, { asksTypes: true }),
      shape: {
        architecture: 'bert-cross-encoder',
        ...sizes,
        maxTokens: Math.min(sizes.maxTokens, Math.floor(length)),
      },
      writeGraph: newGraph(path, (graph, layers) => writeBertGraph(graph, layers, file, shape, { pairs: true })),
      head: () => readScoreHead(file, prefix, shape.hidden),
    };
  });
}

function sizesOf({ layers, hidden, heads, vocabulary, maxTokens }: BertShape) {
  return { layers, hidden, heads, vocabulary, maxTokens };
}
