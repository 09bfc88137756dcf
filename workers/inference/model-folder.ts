// A converted model on disk: what the converter writes, the store keeps, and an engine loads. One folder a model and
// format, complete or absent: it is written under another name and renamed when its last byte is on disk.
//
//   model.json             this description (written last)
//   graph.onnx             the graph: nodes, and weights below 1 KiB
//   graph.data             all other weights (external data of graph.onnx)
//   tokenizer.json         Hugging Face tokenizers format
//   tokenizer_config.json  with chat_template for text models
//   head.data              of reranking models only: the floats of the layers that make a score (encoder/score-head.ts)

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
  /** Of a reranking model: the ids of the two answers whose logits make a score. Left out where it writes texts. */
  readonly reranks?: RankAnswers | undefined;
}

export interface RankAnswers {
  readonly yes: number;
  readonly no: number;
}

interface BertSizes {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** Longest input in tokens, special tokens counted. */
  readonly maxTokens: number;
}

/** Which token vectors make the vector of a text: all, the first, or the last. */
export type Pooling = 'mean' | 'cls' | 'last';

/** What the model wants before a text, empty for nothing. */
export interface Prompts {
  readonly text: string;
  readonly query: string;
  readonly document: string;
}

export interface EncoderShape extends BertSizes {
  readonly architecture: 'bert';
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Length of the embedding. */
  readonly dimension: number;
  /** Lengths that embeddings may be cut to, the whole one among them; left out where the model was not trained for it. */
  readonly dimensions?: readonly number[] | undefined;
  /** Left out where nothing goes before any text. */
  readonly prompts?: Prompts | undefined;
}

/** Query and document go through it as one input, and one number comes out. */
export interface CrossEncoderShape extends BertSizes {
  readonly architecture: 'bert-cross-encoder';
}

/** A graph that came ready made and runs as it is. */
export interface ReadyMadeGraph {
  /** Which inputs it has beside input_ids. */
  readonly mask: boolean;
  readonly types: boolean;
  /** The output that is read. */
  readonly output: string;
  /** Why each text runs alone and unpadded, as a phrase; left out where texts in a batch keep apart. */
  readonly alone?: string | undefined;
}

interface ReadyMadeSizes {
  readonly vocabulary: number;
  readonly maxTokens: number;
  readonly graph: ReadyMadeGraph;
}

export interface ReadyMadeEncoderShape
  extends ReadyMadeSizes,
    Pick<EncoderShape, 'hidden' | 'normalize' | 'dimension' | 'dimensions' | 'prompts'> {
  readonly architecture: 'onnx-encoder';
  /** graph: it gives one vector a text by itself. */
  readonly pooling: Pooling | 'graph';
}

/** Its graph gives a logit. */
export interface ReadyMadeCrossEncoderShape extends ReadyMadeSizes {
  readonly architecture: 'onnx-cross-encoder';
}

/** Files of the hub as they came, which transformers.js runs in an engine process of its own (hub/). */
export interface HubShape extends Partial<Pick<EncoderShape, 'pooling' | 'normalize' | 'prompts'>> {
  readonly architecture: 'hub';
  readonly kind: 'text' | 'embedding' | 'reranking';
  /** What transformers.js calls the graph's numbers. */
  readonly dtype: string;
  /** Path of the graph in the folder. */
  readonly graph: string;
  readonly maxTokens: number;
  /** Null for models of other kinds than embedding. */
  readonly dimension: number | null;
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
  readonly shape: ModelShape | HubShape;
}

/** What the converter writes. */
export type ModelShape =
  | DecoderShape
  | EncoderShape
  | CrossEncoderShape
  | ReadyMadeEncoderShape
  | ReadyMadeCrossEncoderShape;

export interface ModelFolder {
  /** Absolute path. */
  readonly path: string;
  readonly description: ModelDescription;
}

export function isReadyMade(
  shape: ModelDescription['shape'],
): shape is ReadyMadeEncoderShape | ReadyMadeCrossEncoderShape {
  return shape.architecture === 'onnx-encoder' || shape.architecture === 'onnx-cross-encoder';
}
