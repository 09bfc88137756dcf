// The engine contract over sessions in this process. onnxruntime blocks the event loop while it runs, so a worker puts
// one of these in a child process (process/engine-process.ts) and never in its own.

import { env } from 'onnxruntime-node';
import { SteadyTextError } from '../errors.ts';
import { checkFormat } from './choose-format.ts';
import { cpuClass } from './cpu-class.ts';
import { openRankingDecoder, type RankingDecoder } from './decoder/ranking-decoder.ts';
import { openTextModel, type TextModel } from './decoder/text-model.ts';
import { type EmbeddingModel, openEmbeddingModel } from './encoder/embedding-model.ts';
import { openRerankingModel, type RerankingModel } from './encoder/reranking-model.ts';
import { CANCELLED } from './encoder/scores.ts';
import type { EmbedOutput, Engine, GenerateOutput, LoadedModel, ModelChange, ModelKind } from './engine.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import type { ModelCall } from './known-model.ts';
import { unknownModel } from './model-errors.ts';
import type { ModelFolder } from './model-folder.ts';
import { modelMemory } from './model-memory.ts';
import { ResidentModels } from './resident-models.ts';
import { type RunThreads, threadsOf } from './run-threads.ts';
import { checkText, checkTexts } from './text/check-text.ts';
import { tokenBytes } from './token-bytes.ts';
import { Turns } from './turns.ts';

export interface EngineOptions {
  /** Generations that run at once in one text model. Default 8. */
  readonly slots?: number;
  /**
   * Bytes for the keys and values of a decoder: of all generations of a text model, of the prompts of one that ranks. Default
   * 90 MiB: 2,048 tokens of SmolLM2-135M.
   */
  readonly cacheBytes?: number;
  /**
   * Of those, how many may be kept of prompts that were read, for others that begin in the same way. They change no answer.
   * Default 64 MiB, where running generations leave so much free: an engine at rest keeps them, and with all 90 MiB one that
   * embeds and reads a long prompt at once peaked 13 MB higher. 0 keeps none.
   */
  readonly prefixBytes?: number;
  /** Tokens that a step may try out beside the next one, 0 to 3; they change no answer. Default 3. */
  readonly guesses?: number;
  /**
   * Padded tokens of an embedding group. Default 64: two engines side by side embed as many texts a second as with larger
   * groups or more (256: a fifth less), since activations stay in a core's own cache.
   */
  readonly groupTokens?: number;
  /** Threads of a run, as many as a model's bytes allow (run-threads.ts). Default 1. */
  readonly threads?: number;
  /** Bytes that its models may take together, weights and caches of keys and values. Default: all stay open. */
  readonly modelBytes?: number;
  /** Class of the CPU that models run on. Default: this machine's. */
  readonly cpu?: string;
}

type Decoder = TextModel | RankingDecoder;
export type Model = Decoder | EmbeddingModel | RerankingModel;

const ARTICLES: Readonly<Record<ModelKind, string>> = {
  text: 'a text',
  embedding: 'an embedding',
  reranking: 'a reranking',
};

/** `openOther` opens models in another way than this engine's own. */
export function createLocalEngine(
  options: EngineOptions = {},
  onChange: (change: ModelChange) => void = () => undefined,
  openOther?: (folder: ModelFolder) => Promise<Model>,
): Engine {
  const { slots = 8, cacheBytes = 90 * 2 ** 20, guesses = 3, groupTokens = 64, cpu = cpuClass() } = options;
  const { threads: wantedThreads = 1 } = options;
  const { prefixBytes = 64 * 2 ** 20, modelBytes = Number.POSITIVE_INFINITY } = options;
  const turns = new Turns();
  let requestBytes = Number.POSITIVE_INFINITY;
  const models = new ResidentModels<Model>({
    ...{ limit: modelBytes, open: openModel, describe, turns, onChange, closed: engineClosed },
    memory: (folder) => modelMemory(folder, slots, cacheBytes),
    residentBytes: () => process.memoryUsage.rss(),
  });

  async function openModel(folder: ModelFolder): Promise<Model> {
    const { name, format } = folder.description;
    checkFormat(name, format, cpu);
    return await (openOther ?? openOfItsKind)(folder);
  }

  async function openOfItsKind(folder: ModelFolder): Promise<Model> {
    const { shape } = folder.description;
    const { threads } = threadsOf(folder.description, wantedThreads);
    switch (shape.architecture) {
      case 'bert':
      case 'onnx-encoder':
        return openEmbeddingModel(folder, shape, { groupTokens, threads });
      case 'bert-cross-encoder':
      case 'onnx-cross-encoder':
        return openRerankingModel(folder, shape, { groupTokens, threads });
      case 'hub':
        throw new SteadyTextError('ModelUnsupported', `expected a converted model, ${shape.graph} of the hub came`);
      default:
        if (shape.reranks)
          return openRankingDecoder(folder, { ...shape, reranks: shape.reranks }, { cacheBytes, prefixBytes, threads });
        return openTextModel(folder, shape, {
          ...{ slots, cacheBytes, prefixBytes, guesses, threads },
          requestBytes: () => requestBytes,
        });
    }
  }

  function describe(model: Model): LoadedModel {
    return { ...loadedModel(model), ...threadsOf(model.folder.description, wantedThreads) };
  }

  function find(name: string): LoadedModel {
    models.throwIfClosed();
    const found = models.find(name);
    if (!found) throw unknownModel(name, models.names);
    return found;
  }

  function call<Kind extends ModelKind, Output>(
    name: string,
    kinds: readonly Kind[],
    its: ModelCall<Model & { kind: Kind }, Output>,
  ): Promise<Output> {
    const { kind } = find(name);
    // What it is called with is of one of these kinds.
    if (kinds.some((one) => one === kind)) return models.call(name, its as ModelCall<Model, Output>);
    const expected = kinds.map((one) => ARTICLES[one]).join(' or ');
    throw new SteadyTextError('InvalidInput', `expected ${expected} model, "${name}" came, which is of kind ${kind}`);
  }

  return {
    load: (folder) => models.load(folder),
    async embed({ model, ...input }) {
      const { texts, ids = [] } = input;
      return call(model, ['embedding'], { ids, run: (its) => its.embed(input), cancelled: () => noVectors(texts) });
    },
    async rerank({ model, query, documents, id, instruction }) {
      checkText(query, 'query');
      checkTexts(documents, 'documents');
      if (instruction !== undefined) checkText(instruction, 'instruction');
      return call(model, ['embedding', 'reranking'], {
        ids: id === undefined ? [] : [id],
        run: (its) => its.rerank(query, documents, id, instruction),
        cancelled: () => CANCELLED,
      });
    },
    async generate(input, onText, onBegin) {
      return call(input.model, ['text'], {
        ids: [input.id],
        run: (its) => its.generate(input, onText, onBegin),
        cancelled: (): GenerateOutput => ({ text: '', tokensIn: 0, tokensOut: 0, finish: 'cancelled' }),
      });
    },
    async divide({ model, text, most }) {
      checkText(text, 'text');
      return call(model, ['text'], {
        ids: [],
        run: async (its) => ({ parts: await its.divide(text, most) }),
        cancelled: () => ({ parts: [] }),
      });
    },
    cancel: (id) => models.cancel(id),
    know: async ({ folder, described, bytes }) => models.know(folder, described, bytes),
    unload: (name) => models.unload(name),
    open: async (name) => models.openAgain(find(name).name),
    shut: async (name) => models.shut(find(name).name),
    async bound(bounds) {
      requestBytes = bounds.requestBytes;
      await models.bound(bounds.modelBytes);
    },
    async describe() {
      const decoders = models.open.filter((model) => 'promptTokens' in model);
      const sum = (of: (model: Decoder) => number) => decoders.reduce((total, model) => total + of(model), 0);
      return {
        pid: process.pid,
        engineVersion: ENGINE_VERSION,
        onnxruntimeVersion: env.versions.node ?? env.versions.common,
        cpuClass: cpu,
        residentBytes: process.memoryUsage.rss(),
        models: models.describe(),
        runningGenerations: sum(({ kind, size }) => (kind === 'text' ? size : 0)),
        promptTokensRead: sum(({ promptTokens }) => promptTokens.read),
        promptTokensReused: sum(({ promptTokens }) => promptTokens.reused),
        turnsTaken: turns.taken,
      };
    },
    close: () => models.close(),
  };
}

function noVectors(texts: readonly string[]): EmbedOutput {
  const all = <Value>(value: Value) => texts.map(() => value);
  return {
    ...{ vectors: all(new Float32Array(0)), tokens: all(0), chunks: all(0) },
    ...{ truncated: all(false), refused: all(false), cancelled: all(true) },
  };
}

function loadedModel({ folder, kind, maxTokens }: Model): Omit<LoadedModel, keyof RunThreads> {
  const { name, digest, format, converterVersion, shape } = folder.description;
  return {
    name,
    kind,
    digest,
    format,
    converterVersion,
    maxTokens,
    dimension: 'dimension' in shape ? shape.dimension : null,
    tokenBytes: 'kvHeads' in shape ? tokenBytes(shape) : null,
    takesInstruction: 'reranks' in shape,
    ...(shape.architecture === 'hub' && { deterministic: false as const }),
  };
}

function engineClosed(): SteadyTextError {
  return new SteadyTextError('EngineDied', 'expected a running engine, this one was closed', {
    hint: 'Start another engine and send the work again.',
  });
}
