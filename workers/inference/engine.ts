// The engine contract: what a process that holds models can be asked. Plain data in, plain data out: an engine knows
// nothing of requests, users or PostgreSQL. The same input gives the same bytes whatever else runs beside it.
//
// Implementations: `local-engine.ts` (sessions in this process) and `process/engine-process.ts` (the same, behind a child
// process). The suite test/inference/engine/conformance.ts runs against both. `hub/hub-engine.ts` runs models of the hub through
// transformers.js and promises no bytes.

import type { NumberFormat } from './choose-format.ts';
import type { ConstraintSpec } from './constrained/compile-constraint.ts';
import type { ModelFolder } from './model-folder.ts';
import type { RunThreads } from './run-threads.ts';

export type ModelKind = 'text' | 'embedding' | 'reranking';

/** What is known of a model that requests may name, whoever runs it. */
export interface ServedModel {
  readonly name: string;
  readonly kind: ModelKind;
  /** sha256 (hex) over the model's source files; part of every receipt. Null for models of providers, which nobody here has seen. */
  readonly digest: string | null;
  /**
   * Longest input in tokens; for text models prompt and answer together, as far as the engine has room for them, for
   * reranking models query and document.
   */
  readonly maxTokens: number;
  /** Length of an embedding; null for models of other kinds. */
  readonly dimension: number | null;
  /** What a token takes of the memory for keys and values; null for models that are no decoders, and of providers. */
  readonly tokenBytes: number | null;
  /** Whether it is told what a document has to do with a query; of reranking models those that are decoders are. */
  readonly takesInstruction: boolean;
  /** Calls that its provider gets at once; left out for models that an engine holds. */
  readonly concurrent?: number;
  /** false: nothing is promised of a second run (hub/). Left out where the promise above holds. */
  readonly deterministic?: false;
}

/** What an engine says of a model that it has loaded. */
export interface LoadedModel extends ServedModel, RunThreads {
  readonly digest: string;
  /** Number format: row8 or row8u (8-bit rows), nb8 (8-bit blocks of 32), nb4 (4-bit ones), fp32, or own (a ready-made graph's). */
  readonly format: NumberFormat;
  /** Of the converter that wrote the graph and its rounded weights. */
  readonly converterVersion: number;
}

/** One that an engine has loaded: open, or closed to make room for others until it is asked for. */
export interface ResidentModel extends LoadedModel {
  /** Whether it is open. */
  readonly resident: boolean;
  /** How long it took to open when that was last done. */
  readonly loadMs: number;
  /** Memory that it takes while it is open: estimated by its files, or by what the process grew by if that is known. */
  readonly bytes: number;
  /** How long ago it was called last: 0 while it is, null if never. */
  readonly idleMs: number | null;
}

/** Bounds that change while an engine runs; infinity for none. */
export interface EngineBounds {
  /**
   * Memory of the models that are open together: those that have nothing to do and were used least recently are closed. One that takes
   * more by itself is open alone.
   */
  readonly modelBytes: number;
  /** Memory of one generation: its prompt, its keys and values. One that may come to take more is InvalidInput before it runs. */
  readonly requestBytes: number;
}

/**
 * What an engine tells as it happens: it answers nothing while it opens a model. `why` is load, or call: it was closed and is asked
 * for again.
 */
export type ModelChange =
  | { readonly change: 'opening'; readonly model: string }
  | { readonly change: 'not opened'; readonly model: string; readonly why: 'load' | 'call' }
  | ({
      readonly change: 'opened';
      readonly model: string;
      readonly why: 'load' | 'call';
      readonly ms: number;
      readonly bytes: number;
    } & RunThreads)
  | { readonly change: 'closed'; readonly model: string; readonly bytes: number };

export interface EmbedInput {
  readonly model: string;
  /** One text or many; each gives one vector. Identical texts run once. */
  readonly texts: readonly string[];
  /** Names the texts in `cancel`, one a text. */
  readonly ids?: readonly string[];
  /** What is done with texts that are longer than the model takes. Default truncate. */
  readonly longTexts?: LongTexts;
  /** Length of the vectors, where the model was trained to be cut: one of those that it declares. Default the whole. */
  readonly dimension?: number;
}

/**
 * truncate: its end is left out. refuse: it has no vector. average: it runs in parts of as many tokens as fit, each with the
 * model's prompt, and the mean of their vectors by their tokens is normalised as the model's vectors are.
 */
export type LongTexts = 'truncate' | 'refuse' | 'average';

export interface EmbedOutput {
  /**
   * One vector a text, in input order, of unit length where the model normalises; empty for a text that was cancelled or
   * refused.
   */
  readonly vectors: readonly Float32Array[];
  /** Tokens that ran, per text; of a text that was refused, those that it has. */
  readonly tokens: readonly number[];
  /** Whether the text was longer than the model takes and was cut, per text. */
  readonly truncated: readonly boolean[];
  /** Whether the text was longer than the model takes and was not to be cut, per text. */
  readonly refused: readonly boolean[];
  /** Parts that the text ran in, per text. */
  readonly chunks: readonly number[];
  /** Whether `cancel` was called for the text, per text. */
  readonly cancelled: readonly boolean[];
  /** The model that a provider says it answered with; left out by engines that hold theirs. */
  readonly answeredBy?: string;
}

export interface RerankInput {
  /** Names this call in `cancel`. */
  readonly id?: string;
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  /**
   * What a document has to do with the query, for models that take an instruction; the others leave it aside. Default: it is a
   * passage that answers a web search. One that takes more than half of the room for texts is InvalidInput.
   */
  readonly instruction?: string;
}

export interface RerankOutput {
  /**
   * 0..1, one a document, in input order; none when it was cancelled. Of an embedding model (1 + cosine) / 2 of the two
   * embeddings, of a cross-encoder the sigmoid of its one logit, of a decoder the probability of "yes" against "no". Of a document
   * that is too long every part is scored, and the best one counts.
   */
  readonly scores: readonly number[];
  /** Tokens that ran; in a reranking model the query's with every part of a document. */
  readonly tokens: number;
  /** Whether the query was too long and was cut: to what the model takes, in a reranking model to half of that. */
  readonly truncated: boolean;
  /** Parts that the documents ran in: more than there are documents where some were too long. */
  readonly chunks: number;
  readonly cancelled: boolean;
}

export interface GenerateInput {
  /** Names this generation in `cancel`; unique among those running in the engine. */
  readonly id: string;
  readonly model: string;
  /** The user's message; the model's chat template goes round it. */
  readonly prompt: string;
  /** Upper bound of generated tokens, 1..4096. */
  readonly maxTokens: number;
  /** Texts that end the answer; the answer is cut before the first that appears. */
  readonly stop: readonly string[];
  /** 0 = greedy (ties: lowest token id). Above 0: sampled by a counter-based generator keyed by (seed, position). */
  readonly temperature: number;
  readonly seed: number;
  /** Above temperature 0: draws among so many of the most probable tokens (ties: lowest id). Default 0: among all. */
  readonly topK?: number;
  /** Then draws among the most probable of those that together have this probability, above 0 to 1. Default 1: among all. */
  readonly topP?: number;
  /** Tokens before which the model's end of turn does not come, 0 to maxTokens. Default 0. */
  readonly minTokens?: number;
  /**
   * What the answer satisfies, also when its tokens run out; stop texts and minTokens do not go with it. What cannot be
   * compiled, nothing can satisfy or needs more tokens than there may be is InvalidInput before the first token.
   */
  readonly constraint?: ConstraintSpec;
}

export interface GenerateOutput {
  readonly text: string;
  readonly tokensIn: number;
  /** Tokens of the answer; the token that ends the turn is not counted. */
  readonly tokensOut: number;
  /** end = the model's end of turn, or nothing can follow under the constraint; length = maxTokens reached; stop = a stop text; cancelled = `cancel` was called. */
  readonly finish: 'end' | 'length' | 'stop' | 'cancelled';
  /** The model that a provider says it answered with; left out by engines that hold theirs. */
  readonly answeredBy?: string;
}

export interface DivideInput {
  readonly model: string;
  readonly text: string;
  /** Tokens of a part at most; half of what the model takes where that is less. */
  readonly most: number;
}

export interface DivideOutput {
  /** All of them together are the text; none of a text without characters. Equal for equal text, model and `most`, in every engine. */
  readonly parts: readonly string[];
}

export interface EngineDescription {
  readonly pid: number;
  readonly engineVersion: string;
  readonly onnxruntimeVersion: string;
  /** Instruction-set class of the CPU, e.g. "x64-avx512vnni": equal bytes are promised within one class. */
  readonly cpuClass: string;
  readonly residentBytes: number;
  readonly models: readonly ResidentModel[];
  readonly runningGenerations: number;
  /** Tokens of prompts that were run, by the models that are open. */
  readonly promptTokensRead: number;
  /** Those whose keys and values were there already, from a prompt that began in the same way: they came in no time. */
  readonly promptTokensReused: number;
  /**
   * Short pieces of work since the engine started: a step of all generations, a chunk of a prompt, a group of texts. A long
   * prompt says nothing and a long batch ends nothing for minutes, but this rises all the while.
   */
  readonly turnsTaken: number;
}

export interface Engine {
  /**
   * Loads a converted model; loading one that is loaded already changes nothing. Where the engine's models may take so much memory
   * and no more, those that were used least recently are closed for it, and each is opened again when it is asked for.
   * EngineTooSmall when it alone takes more than that.
   */
  load(folder: ModelFolder): Promise<LoadedModel>;
  /**
   * Batches of texts run by turns, a group of a few texts each, the smallest first: a small one does not wait for the end
   * of a large one. Resolves when the last text that was not cancelled has its vector.
   */
  embed(input: EmbedInput): Promise<EmbedOutput>;
  /** Takes a model of kind embedding or reranking; runs by turns as `embed` does. */
  rerank(input: RerankInput): Promise<RerankOutput>;
  /**
   * Runs one generation as a slot beside those already running. `onText` gets the answer piece by piece (whole
   * characters). `onBegin` is called with true when its prompt begins to be read: until then it waits for a slot and for room in
   * the memory for keys and values; with false when others need its room, and it waits again to begin from its prompt. Resolves when
   * the answer ends, also when it was cancelled.
   */
  generate(
    input: GenerateInput,
    onText?: (piece: string) => void,
    onBegin?: (begun: boolean) => void,
  ): Promise<GenerateOutput>;
  /**
   * Divides a text into parts for a text model, at ends of paragraphs, lines or sentences where there are any. It runs no model, and
   * gives way to what does.
   */
  divide(input: DivideInput): Promise<DivideOutput>;
  /**
   * Ends what has that name: a generation before its next token, a text or a rerank before the next group of texts. Unknown
   * ids are ignored.
   */
  cancel(id: string): void;
  /** Takes a model as an engine of the same options has described it, and leaves it closed until it is asked for. */
  know(its: { readonly folder: ModelFolder; readonly described: LoadedModel; readonly bytes: number }): Promise<void>;
  unload(model: string): Promise<void>;
  /** Opens a model that was loaded, if it is closed. */
  open(model: string): Promise<void>;
  /** Closes a model that was loaded and has no work, until it is asked for; gives whether it is closed. */
  shut(model: string): Promise<boolean>;
  bound(bounds: EngineBounds): Promise<void>;
  describe(): Promise<EngineDescription>;
  /** Ends the engine; what runs is rejected with EngineDied. */
  close(): Promise<void>;
}

/** What requests need of an engine. `provider/provider-engine.ts` has this part alone, and keeps none of the promise above. */
export type ModelCalls = Pick<Engine, 'embed' | 'rerank' | 'generate' | 'divide' | 'cancel'>;
