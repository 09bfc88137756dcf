// A converted model on disk: what the converter writes, the store keeps, and an engine loads. One folder a model and
// format, complete or absent: it is written under another name and renamed when its last byte is on disk.
//
//   model.json             this description (written last)
//   graph.onnx             the graph: nodes, and weights below 1 KiB
//   graph.data             all other weights (external data of graph.onnx)
//   tokenizer.json         Hugging Face tokenizers format
//   tokenizer_config.json  with chat_template for text models

import type { NumberFormat } from './choose-format.ts';

export interface DecoderShape {
  readonly architecture: 'llama' | 'qwen2' | 'qwen3';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Longest sequence, prompt and answer together; the graph holds rotary tables up to it. */
  readonly maxTokens: number;
  /** Token ids that end a turn. */
  readonly endTokens: readonly number[];
}

export interface EncoderShape {
  readonly architecture: 'bert';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** Longest input in tokens, special tokens counted. */
  readonly maxTokens: number;
  readonly pooling: 'mean' | 'cls';
  readonly normalize: boolean;
  /** Length of the embedding. */
  readonly dimension: number;
}

export interface ModelDescription {
  readonly name: string;
  /** sha256 (hex) over all source files: the identity of the model. */
  readonly digest: string;
  readonly format: NumberFormat;
  /** Raised whenever the converter would write other bytes for the same source. */
  readonly converterVersion: number;
  readonly licence: string;
  /** sha256 (hex) and size of every other file of the folder, by name. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  readonly shape: DecoderShape | EncoderShape;
}

export interface ModelFolder {
  /** Absolute path. */
  readonly path: string;
  readonly description: ModelDescription;
}
